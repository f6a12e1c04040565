import { type Column, printable, tableLines } from '../command/table.ts'
import type { FoundByFace } from './by-face.ts'
import type { FoundPerson, SearchedPhoto } from './search-photo.ts'
import type { FacesOfPersons } from './show-faces.ts'

const COLUMNS: readonly Column[] = [
  { title: 'name', isCuttable: true },
  { title: 'person id' },
  { title: 'distance', align: 'right' },
  { title: 'similarity', align: 'right' },
  { title: 'pictures', align: 'right' },
]

/** A heading and a table for each photo, and the faces below the table where there are any. */
export function searchLines(
  photos: readonly SearchedPhoto[],
  shown: FacesOfPersons = new Map(),
): readonly string[] {
  return photos.flatMap((photo, at) => [...(at > 0 ? [''] : []), ...linesOf(photo, shown)])
}

function linesOf({ photo, why, persons, faces }: SearchedPhoto, shown: FacesOfPersons): readonly string[] {
  const name = photo === '-' ? 'standard input' : printable(photo)
  if (why !== null) return [`${name}: ${printable(why)}`]
  if (persons.length === 0) return [`${name}: nobody within the threshold`]
  if (faces === undefined) return [`${name}:`, ...personLines(persons, shown)]
  const ofFaces = faces.flatMap((face, at) => [
    '',
    faceLine(face, at + 1),
    ...personLines(face.persons, shown),
  ])
  return [`${name}:`, ...ofFaces.slice(1)]
}

function faceLine({ box }: FoundByFace, number: number): string {
  const [x = 0, y = 0, width = 0, height = 0] = box.map(Math.round)
  return `face ${number}, ${width} x ${height} pixels at ${x}, ${y}:`
}

function personLines(persons: readonly FoundPerson[], shown: FacesOfPersons): readonly string[] {
  const faces = shown.get(persons)
  return [...tableLines(COLUMNS, persons.map(rowOf)), ...(faces === undefined ? [] : ['', ...faces])]
}

/** The nearest picture comes first. */
function rowOf({ id, name, images }: FoundPerson): readonly string[] {
  const [nearest] = images
  const { distance = 0, similarity = 0 } = nearest ?? {}
  return [name, id, distance.toFixed(3), similarity.toFixed(3), String(images.length)]
}
