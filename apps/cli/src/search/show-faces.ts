import { say } from '@semblance/telemetry'
import type { ServerCalls } from '../server/server-calls.ts'
import type { PictureProtocol } from '../terminal/picture-protocol.ts'
import { bytesOf, CandidateFaces } from './candidate-faces.ts'
import { facesThatFit, type ShownFace, stripLines } from './face-strip.ts'
import type { FoundPerson, SearchedPhoto } from './search-photo.ts'

/** Lines of faces in one run: they are held until all is printed, half a megabyte each. */
const MOST_STRIPS = 32

/** Lines that go below a table of persons, by the list that the table is of. */
export type FacesOfPersons = ReadonlyMap<readonly FoundPerson[], readonly string[]>

export interface FaceScreen {
  readonly calls: ServerCalls
  readonly protocol: PictureProtocol
  /** Of the terminal. */
  readonly columns: number
  readonly signal: AbortSignal
}

/** The face that was searched for beside those of the nearest persons, for each table of these photos. */
export async function showFaces(
  photos: readonly SearchedPhoto[],
  { calls, protocol, columns, signal }: FaceScreen,
): Promise<FacesOfPersons> {
  const shown = new Map<readonly FoundPerson[], readonly string[]>()
  const fit = facesThatFit(columns)
  if (fit < 2) return shown
  const candidates = new CandidateFaces(calls)
  const tables = photos.flatMap(tablesOf)
  if (tables.length > MOST_STRIPS) say(`note: faces are shown below the first ${MOST_STRIPS} tables only`)
  for (const { title, persons } of tables.slice(0, MOST_STRIPS)) {
    const found = persons.slice(0, fit - 1).map((person) => candidateOf(candidates, person))
    const faces = [probeOf(title, persons), ...(await Promise.all(found))]
    signal.throwIfAborted()
    shown.set(persons, await stripLines(protocol, faces))
  }
  return shown
}

function tablesOf({ persons, faces }: SearchedPhoto) {
  const tables = faces?.map((face, at) => ({ title: `face ${at + 1}`, persons: face.persons })) ?? [
    { title: 'searched for', persons },
  ]
  return tables.filter((table) => table.persons.length > 0)
}

/** All persons of a table were found by one face. */
function probeOf(title: string, [nearest]: readonly FoundPerson[]): ShownFace {
  return { picture: bytesOf(nearest?.detection?.crop), captions: [title, ''] }
}

async function candidateOf(candidates: CandidateFaces, person: FoundPerson): Promise<ShownFace> {
  const similarity = person.images[0]?.similarity ?? 0
  return { picture: await candidates.of(person), captions: [person.name, similarity.toFixed(3)] }
}
