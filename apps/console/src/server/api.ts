import { type components, createSemblanceClient } from '@semblance/client'
import { addressOf } from './place.ts'
import { writeToken } from './write-token.ts'

/** The server answers a read at once. A search or an enrollment waits its turn, and the server gives up before this. */
const READ_MS = 20_000
const WRITE_MS = 180_000

export const api = createSemblanceClient({
  baseUrl: addressOf(''),
  writeToken: writeToken.read,
  fetch: (request) => {
    const limit = AbortSignal.timeout(request.method === 'GET' ? READ_MS : WRITE_MS)
    return fetch(request, { signal: AbortSignal.any([request.signal, limit]) })
  },
})

type Schemas = components['schemas']
export type Person = Schemas['Person']
export type Group = Schemas['Group']
export type Image = Schemas['Image']
export type EnrolledImage = Schemas['EnrolledImage']
export type FoundPerson = Schemas['SearchPerson']
export type DetectedFace = NonNullable<Schemas['DetectResults']['detections']>[number]
export type Import = Schemas['Import']
export type DuplicateSearch = Schemas['DuplicateSearch']
export type DuplicatePair = Schemas['DuplicatePair']
export type PersonEvent = Schemas['PersonEvent']
export type MatchAnswer = Schemas['MatchAnswer']
export type Feedback = Schemas['Feedback']
export type System = Schemas['System']
