import type { BrokenLimit } from '../detection/quality-gate.ts'
import type { GroupId, ImageId, PersonId } from '../ids.ts'
import type { Box } from '../ports/face-engine.ts'

/** What was seen of the face that a row is about. */
export interface RowFace {
  /** Pixels of the stored picture. */
  readonly box: Box
  /** Share of the characteristics asked for which comply, 0..1; -1 if none could be measured. */
  readonly quality: number
  /** Faces seen in the picture. */
  readonly faceCount: number
}

/** Somebody else within the threshold. */
export interface LikePerson {
  readonly personId: PersonId
  /** Distance of the two faces, 0..2. */
  readonly distance: number
}

/** Each row ends with exactly one of these. */
export type RowOutcome =
  | {
      readonly kind: 'enrolled'
      /** Null once the person is deleted, and in a dry run for one who would be made; here as in the two kinds below. */
      readonly personId: PersonId | null
      /** Null in a dry run. */
      readonly imageId: ImageId | null
      /**
       * Null, too, if the descriptor is that of an export, so that nobody looked at the picture, and if the row was enrolled by a
       * process that ended before it could tell what it saw.
       */
      readonly face: RowFace | null
      /** Told where the policy is `report`, and there is one. */
      readonly likePerson?: LikePerson
      /** Told of a row of an export: the descriptor is that of the export, or was made from the picture. */
      readonly descriptorFrom?: 'export' | 'picture'
      /** Why it was made from the picture. */
      readonly why?: string
    }
  /** The row has no picture: the person alone was made or changed. */
  | { readonly kind: 'person-written'; readonly personId: PersonId | null }
  /** The row brought back a group. */
  | { readonly kind: 'group-written'; readonly groupId: GroupId }
  | {
      readonly kind: 'same-picture'
      readonly personId: PersonId | null
      readonly imageId: ImageId | null
    }
  | {
      readonly kind: 'same-person'
      /** Left out once the row's own person is deleted. */
      readonly likePerson?: LikePerson
      readonly face: RowFace | null
    }
  | { readonly kind: 'no-face' }
  | { readonly kind: 'several-faces'; readonly faceCount: number }
  /** With the first limit of the import's gate that the face breaks. */
  | (BrokenLimit & { readonly kind: 'low-quality'; readonly face: RowFace | null })
  | { readonly kind: 'undecodable'; readonly why: string }
  | { readonly kind: 'link-refused'; readonly why: string }
  /** `field`: as it is named in the row, for instance `groups`. */
  | { readonly kind: 'invalid'; readonly field: string; readonly why: string }
  | {
      readonly kind: 'failed'
      readonly why: string
      /** What failed was not the row, so that it may well go through another time. */
      readonly isPassing: boolean
      /** How often it was tried in its last claim; left out: it was given up by itself, or by an older version. */
      readonly tries?: number
    }
  /** Its import was cancelled before work on it began. */
  | { readonly kind: 'cancelled' }

/** How a row ends whose person was deleted. One object, by which it is told from other failures in the process that made it. */
export const PERSON_DELETED = {
  kind: 'failed',
  why: 'the person was deleted',
  isPassing: false,
} as const satisfies RowOutcome

/** The same of a row that whoever deleted the person has ended already: whom its key means now came later, and nothing is left to end. */
export const ROW_OF_DELETED = { ...PERSON_DELETED } as const satisfies RowOutcome

export type OutcomeKind = RowOutcome['kind']

export const OUTCOME_KINDS = [
  'enrolled',
  'person-written',
  'group-written',
  'same-picture',
  'same-person',
  'no-face',
  'several-faces',
  'low-quality',
  'undecodable',
  'link-refused',
  'invalid',
  'failed',
  'cancelled',
] as const satisfies readonly OutcomeKind[]

/**
 * Rows that ended so keep what they came with, and may be tried again: what was in the way was not the row. Whoever opens a
 * host, a bucket or a folder for links wants those rows that were refused before.
 */
export const RETRYABLE_KINDS = ['failed', 'link-refused'] as const satisfies readonly OutcomeKind[]
