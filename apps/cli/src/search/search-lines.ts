import { type Column, printable, tableLines } from '../command/table.ts'
import type { FoundByFace } from './by-face.ts'
import type { FoundPerson, SearchedPhoto } from './search-photo.ts'

const COLUMNS: readonly Column[] = [
  { title: 'name', isCuttable: true },
  { title: 'person id' },
  { title: 'distance', align: 'right' },
  { title: 'similarity', align: 'right' },
  { title: 'pictures', align: 'right' },
]

/** A heading and a table for each photo. */
export function searchLines(photos: readonly SearchedPhoto[]): readonly string[] {
  return photos.flatMap((photo, at) => [...(at > 0 ? [''] : []), ...linesOf(photo)])
}

function linesOf({ photo, why, persons, faces }: SearchedPhoto): readonly string[] {
  const name = photo === '-' ? 'standard input' : printable(photo)
  if (why !== null) return [`${name}: ${printable(why)}`]
  if (persons.length === 0) return [`${name}: nobody within the threshold`]
  if (faces === undefined) return [`${name}:`, ...tableLines(COLUMNS, persons.map(rowOf))]
  const ofFaces = faces.flatMap((face, at) => ['', ...faceLines(face, at + 1)])
  return [`${name}:`, ...ofFaces.slice(1)]
}

function faceLines({ box, persons }: FoundByFace, number: number): readonly string[] {
  const [x = 0, y = 0, width = 0, height = 0] = box.map(Math.round)
  const place = `face ${number}, ${width} x ${height} pixels at ${x}, ${y}:`
  return [place, ...tableLines(COLUMNS, persons.map(rowOf))]
}

/** The nearest picture comes first. */
function rowOf({ id, name, images }: FoundPerson): readonly string[] {
  const [nearest] = images
  const { distance = 0, similarity = 0 } = nearest ?? {}
  return [name, id, distance.toFixed(3), similarity.toFixed(3), String(images.length)]
}
