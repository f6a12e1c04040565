import type { GroupId, OperationId, PackId } from '../ids.ts'
import type { PackComparison } from '../packs/compare-packs.ts'
import type { PersonFilter } from '../persons/read-persons.ts'
import type { PaceMark } from './operation-pace.ts'

/** What can be done to the gallery in the background: each kind is steps that any process can repeat. */
export const OPERATION_KINDS = ['delete-persons', 'find-duplicates', 'redescribe'] as const
export type OperationKind = (typeof OPERATION_KINDS)[number]

/**
 * `preparing`: what it is to work on is still being written down; nothing is done yet. `paused`: it goes on when it is asked
 * to. `cancelled`, `done` and `failed` are ends.
 */
export const OPERATION_STATES = ['preparing', 'running', 'paused', 'cancelled', 'done', 'failed'] as const
export type OperationState = (typeof OPERATION_STATES)[number]

interface OperationProgress {
  readonly id: OperationId
  readonly state: OperationState
  /** Where it goes on, in the words of its kind; null: at the beginning. */
  readonly cursor: string | null
  /** Units of work that are done: persons, or images. */
  readonly done: number
  /** Units as they were counted at the beginning; `done` may come out a little higher or lower. */
  readonly total: number
  /** Units among those done that were left as they are. */
  readonly skipped: number
  /** How much was done when, in the minute before its last step; by increasing time. */
  readonly marks: readonly PaceMark[]
  /** It ended because it may keep no more results. */
  readonly isLimitReached: boolean
  /** What may be told to callers of why it failed; null unless it did. */
  readonly failure: string | null
  readonly createdAt: number
  readonly updatedAt: number
  /** When it became `cancelled`, `done` or `failed`; null before. */
  readonly endedAt: number | null
  /** A number that each change raises by one. */
  readonly rev: number
}

export interface DeletePersonsParameters {
  /** Null once it has ended: it may name somebody who is deleted. */
  readonly filter: PersonFilter | null
}

export interface FindDuplicatesParameters {
  /** The greatest distance of two persons who may be the same, 0..2. */
  readonly threshold: number
  /** Members of any of these are compared with each other; none: the whole gallery. */
  readonly groupIds: readonly GroupId[]
}

/** Why a pack that was ready did not come to serve by itself. */
export const HELD_BACK = ['not-asked', 'too-few-described', 'finds-fewer'] as const

/** What is known once every picture was looked at. */
export interface RedescribeFindings {
  readonly images: number
  /** Of those, such as the pack makes nothing of; it is noted why. */
  readonly undescribed: number
  readonly comparison: PackComparison
  /** Null: it came to serve. */
  readonly held: (typeof HELD_BACK)[number] | null
}

export interface RedescribeParameters {
  /** The pack to which the gallery moves. */
  readonly packId: PackId
  /** It may come to serve once so much of all images is described by it, 0..1. */
  readonly share: number
  /** It comes to serve by itself in the end. */
  readonly switches: boolean
  /** Null until all pictures were looked at. */
  readonly found: RedescribeFindings | null
}

/** What an operation does, and with what. A further kind is a further line here, and a step in `steps.ts`. */
export type OperationTask =
  | { readonly kind: 'delete-persons'; readonly parameters: DeletePersonsParameters }
  | { readonly kind: 'find-duplicates'; readonly parameters: FindDuplicatesParameters }
  | { readonly kind: 'redescribe'; readonly parameters: RedescribeParameters }

/** Something long that is done to the gallery, durably: it goes on by itself, whichever process dies. */
export type Operation = OperationProgress & OperationTask

export type OperationOf<Kind extends OperationKind> = Extract<Operation, { readonly kind: Kind }>

/** What a change may touch. */
export type OperationChanges = Partial<
  Pick<
    Operation,
    | 'state'
    | 'cursor'
    | 'done'
    | 'total'
    | 'skipped'
    | 'marks'
    | 'isLimitReached'
    | 'failure'
    | 'endedAt'
    | 'parameters'
  >
> &
  Pick<Operation, 'updatedAt'>

export function hasEnded({ state }: Pick<Operation, 'state'>): boolean {
  return state === 'cancelled' || state === 'done' || state === 'failed'
}

/** What is changed when an operation ends: nothing by which to tell whom it was about stays with it. */
export function endingOf(
  operation: Operation,
  ended: { readonly state: 'cancelled' | 'done' | 'failed'; readonly at: number },
): OperationChanges {
  const { state, at } = ended
  const stripped = operation.kind === 'delete-persons' ? { parameters: { filter: null } } : {}
  return { state, endedAt: at, updatedAt: at, ...stripped }
}
