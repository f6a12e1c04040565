import type { ImageId, ImportId, PersonId } from '../ids.ts'
import type { Import, ImportChanges, RowCounts, RowPace } from '../imports/import.ts'
import type { ImportRow, RowDraft } from '../imports/import-row.ts'
import type { OutcomeKind, RETRYABLE_KINDS, RowOutcome } from '../imports/row-outcome.ts'
import type { Page, PageRequest } from '../page.ts'
import type { Waiting } from './waiting.ts'

/**
 * Imports and their rows: what has been taken in, and what came of each. A call that resolves is durable. Each row is
 * written in one atomic step, so that no crash leaves one with two outcomes. Leases are judged by the store's own clock.
 * A failing store throws E_STORE_UNAVAILABLE.
 */
export interface ImportStore {
  readonly records: ImportRecords
  readonly rows: ImportRows
  readonly persons: ImportedPersons
}

/** The imports themselves. See `ImportStore`. */
export interface ImportRecords {
  /** False if the id exists. */
  insert(made: Import, waiting?: Waiting): Promise<boolean>
  find(id: ImportId, waiting?: Waiting): Promise<Import | null>
  /** By decreasing id; none that is `deleting`. */
  list(request: PageRequest, waiting?: Waiting): Promise<Page<Import>>
  /** Those in one of these states, by increasing id: what a process that starts has to go on with. */
  listByState(states: readonly Import['state'][], waiting?: Waiting): Promise<readonly Import[]>
  /** Cancelled ones without `endedAt`, by increasing id: rows of theirs have still to end. */
  listCancelling(waiting?: Waiting): Promise<readonly Import[]>
  /** Compare-and-set: the new record, or null if it moved on or is absent. */
  update(
    target: { readonly id: ImportId; readonly rev: number },
    changes: ImportChanges,
    waiting?: Waiting,
  ): Promise<Import | null>
  /** Whether there is a record of this id that `find` cannot read, since it was damaged. */
  isUnreadable(id: ImportId, waiting?: Waiting): Promise<boolean>
  /**
   * The import's record goes for good, whether or not it can be read, with rows that came after the last `remove`: their staged
   * pictures are swept. Before it goes, each other import remembers whom this one was to make as well: see `listMade`.
   */
  forget(id: ImportId, waiting?: Waiting): Promise<void>
}

/** By `pictureSha256` of `RowDraft` its sender tells whether the picture is another one by now. */
export type KnownRow = Pick<ImportRow, 'key' | 'pictureSha256'>

/** What was sent, row by row, and what came of each. See `ImportStore`. */
export interface ImportRows {
  /**
   * Adds rows in their order, at most 1,000, and answers in the same order what became of each. Keys that are there are
   * left alone, whoever sends them, so that two calls at once with one key add one row.
   */
  add(id: ImportId, drafts: readonly RowDraft[], waiting?: Waiting): Promise<readonly AddedRow[]>
  /** Those of these keys that the import has, in this order. */
  known(id: ImportId, keys: readonly string[], waiting?: Waiting): Promise<readonly KnownRow[]>
  /** Those of these staged pictures that a row still needs. */
  neededPictures(ids: readonly ImageId[], waiting?: Waiting): Promise<readonly ImageId[]>
  /**
   * Takes rows that nobody works on, in the import's order: those that wait, and those whose claim ran out. Raises `tries`,
   * and gives a row that has no `imageId` the one of `newImageIds` at its place.
   */
  claim(claim: RowClaim, waiting?: Waiting): Promise<readonly ImportRow[]>
  /** A lease of `leaseMs` from now on for what this holder still has; answers the positions of those. */
  extend(held: HeldRows & { readonly leaseMs: number }, waiting?: Waiting): Promise<readonly number[]>
  /**
   * The claims of all other holders run out now: they were made by processes that hand out rows no more. What one of them ends
   * all the same counts, unless this holder took the row meanwhile.
   */
  endClaims(of: { readonly id: ImportId; readonly holder: string }, waiting?: Waiting): Promise<void>
  /** Another image id for a row of this holder whose own can have no effect any more: it is too old, or used up. */
  renewImageId(
    held: NamedRow & { readonly id: ImportId; readonly holder: string; readonly imageId: ImageId },
    waiting?: Waiting,
  ): Promise<void>
  /** Back to waiting, with `tries` as they were before the claim: they were not begun. */
  release(held: HeldRows, waiting?: Waiting): Promise<void>
  /**
   * Ends rows. Those that this holder no longer has are left alone; the answer has the positions of the others, which are ended now.
   * Unless it ended as one of `RETRYABLE_KINDS`, a row keeps no more than the report needs: its fields and its picture go.
   */
  end(
    ended: { readonly id: ImportId; readonly holder: string; readonly rows: readonly EndedRow[] },
    waiting?: Waiting,
  ): Promise<readonly number[]>
  /** What a fetched link gave: see `wouldHavePicture`. */
  setPictureSha256(
    row: NamedRow & { readonly id: ImportId; readonly sha256: string },
    waiting?: Waiting,
  ): Promise<void>
  /** Whether a row of this import has ended as `enrolled` with this picture of this person. For dry runs, which enroll nothing. */
  wouldHavePicture(
    query: { readonly id: ImportId; readonly personKey: string; readonly sha256: string },
    waiting?: Waiting,
  ): Promise<boolean>
  /**
   * Rows that ended with one of these kinds wait again, `tries` from 0, without the image id they had. Answers how many.
   * A row whose link was refused by an older version kept no link, and stays as it is; so does one whose person was deleted.
   */
  retry(query: RetryQuery, waiting?: Waiting): Promise<number>
  /** By increasing position, after `after`: the report. */
  list(query: RowQuery, waiting?: Waiting): Promise<readonly ImportRow[]>
  find(id: ImportId, key: string, waiting?: Waiting): Promise<ImportRow | null>
  /** As of at most a second ago. */
  count(id: ImportId, waiting?: Waiting): Promise<RowCounts>
  /** As of now; derived from the rows, whichever process worked on them. */
  pace(id: ImportId, waiting?: Waiting): Promise<RowPace>
  /**
   * For a cancelled import: at most `limit` rows that were never claimed end as `cancelled`. Those that were may be enrolled:
   * whoever claims them once more finds out. Rows that failed keep their outcome and lose
   * their staged picture, since nobody can retry them. Answers these rows as they were: their staged pictures are to go, too.
   */
  cancel(id: ImportId, limit: number, waiting?: Waiting): Promise<readonly ImportRow[]>
  /** Removes at most `limit` rows, and answers them: their staged pictures are to go, too. */
  remove(id: ImportId, limit: number, waiting?: Waiting): Promise<readonly ImportRow[]>
}

/** An import that means a certain person, and whether it made that person. */
export interface ImportOfPerson {
  readonly id: ImportId
  readonly isMade: boolean
}

/** Whom the rows of an import mean. See `ImportStore`. */
export interface ImportedPersons {
  /**
   * Remembers whom this import means by a person key. The first id stays: the answer is the id that counts, and whether
   * this import makes that person.
   */
  bind(bound: Omit<BoundPerson, 'upTo'> & { readonly id: ImportId }, waiting?: Waiting): Promise<BoundPerson>
  /** Null before `bind`. */
  find(id: ImportId, personKey: string, waiting?: Waiting): Promise<BoundPerson | null>
  /** Those of these keys, at most 1,000, that are bound; in any order. */
  findMany(id: ImportId, personKeys: readonly string[], waiting?: Waiting): Promise<readonly BoundPerson[]>
  /**
   * The person goes: each import that means this person does so for the rows that it has now (`upTo`), and for none that comes
   * later. With a person key, by which nobody can find them then, so does each import that has rows of it and has bound it to
   * nobody; it did not make them. Called again, rows that came since belong to them, too. Answers whom imports with such rows were
   * to make by that key instead, each once: see `GoingPerson.insteadOf`.
   */
  seal(going: GoingPerson, waiting?: Waiting): Promise<readonly PersonId[]>
  /** By the store's own clock, by which rows are added. */
  now(waiting?: Waiting): Promise<number>
  /**
   * The person is deleted: takes whatever tells of it out of all imports, rows that name its id and were never begun included, but
   * no row after `upTo`. Its rows keep their place and outcome, under another key; those that have not ended end as `failed`.
   * Nothing binds a key to it any more. Answers the staged pictures that are to go, and how many rows ended by this.
   */
  erase(personId: PersonId, waiting?: Waiting): Promise<ErasedRows>
  /**
   * Forgets whom the import means by a person key, if it is this person and no row has the key. `isGone`: the person was taken out
   * of all imports before, so that rows that have the key came later, and mean somebody else.
   */
  unbind(binding: Binding, waiting?: Waiting): Promise<void>
  /** Imports that mean this person, newest first, at most 100, and whether each of them made it. */
  importsOf(personId: PersonId, waiting?: Waiting): Promise<readonly ImportOfPerson[]>
  /**
   * Persons that this import made, by increasing id. None whom another import was to make as well, as when both bring the same export
   * back: nobody knows which of them did, and what is taken back with the one is not to be lost to the other. That stays so
   * when the other one is forgotten, or somebody would join the list who was in no count of it.
   */
  listMade(
    query: { readonly id: ImportId; readonly after: PersonId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly PersonId[]>
}

/** `known`: the same row is there. `conflict`: the key is there with other contents, which stay. */
export type AddedRow = 'added' | 'known' | 'conflict'

/**
 * A row that was read before. Its key alone does not do: it is free again once the row's person was deleted, and the row that gets it
 * is another one, at a position of its own.
 */
export type NamedRow = Pick<ImportRow, 'key' | 'position'>

export interface HeldRows {
  readonly id: ImportId
  /** An id of this very run of the process. */
  readonly holder: string
  readonly rows: readonly NamedRow[]
}

export interface RowClaim {
  readonly id: ImportId
  readonly holder: string
  readonly leaseMs: number
  /** At most so many rows as there are ids. */
  readonly newImageIds: readonly ImageId[]
}

export interface EndedRow extends NamedRow {
  readonly outcome: RowOutcome
}

export interface RetryQuery {
  readonly id: ImportId
  readonly kinds: readonly (typeof RETRYABLE_KINDS)[number][]
  /** Of the failed ones only those for a passing reason. */
  readonly passingOnly: boolean
}

export interface RowQuery {
  readonly id: ImportId
  /** Position after which the answer begins; 0: at the first. */
  readonly after: number
  readonly limit: number
  /** Left out: rows of every kind, ended or not. */
  readonly kinds?: readonly OutcomeKind[]
}

export interface BoundPerson {
  readonly personKey: string
  readonly personId: PersonId
  readonly isMade: boolean
  /**
   * The position of the last row that means this person, since the person was about to be deleted then. Those that came later mean
   * this person only if that came to nothing. Left out: all rows.
   */
  readonly upTo?: number
}

/** See `ImportedPersons.unbind`. */
export interface Binding extends Pick<BoundPerson, 'personKey' | 'personId'> {
  readonly id: ImportId
  readonly isGone?: boolean
}

/** See `ImportedPersons.seal`. */
export interface GoingPerson {
  readonly personId: PersonId
  /** Null: nobody else could be found by their name. */
  readonly personKey: string | null
  /** Only rows that were added before this time, by the store's own clock; left out: all that are there. */
  readonly beforeMs?: number | undefined
  /** Of those whom `seal` told: they were not made, and never will be, so that what was to be theirs is the person's. */
  readonly insteadOf?: readonly PersonId[]
}

/** What an erasure did. */
export interface ErasedRows {
  /** Pictures that are to go. */
  readonly staged: readonly ImageId[]
  /** Rows that had not ended before. */
  readonly ended: number
}
