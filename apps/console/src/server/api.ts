import { type components, createSemblanceClient } from '@semblance/client'
import { addressOf } from './place.ts'
import { writeToken } from './write-token.ts'

export const api = createSemblanceClient({ baseUrl: addressOf(''), writeToken: writeToken.read })

type Schemas = components['schemas']
export type Person = Schemas['Person']
export type Group = Schemas['Group']
export type Image = Schemas['Image']
export type FoundPerson = Schemas['SearchPerson']
export type DetectedFace = NonNullable<Schemas['DetectResults']['detections']>[number]
export type Import = Schemas['Import']
export type DuplicateSearch = Schemas['DuplicateSearch']
export type DuplicatePair = Schemas['DuplicatePair']
export type PersonEvent = Schemas['PersonEvent']
export type MatchAnswer = Schemas['MatchAnswer']
export type Feedback = Schemas['Feedback']
export type System = Schemas['System']
