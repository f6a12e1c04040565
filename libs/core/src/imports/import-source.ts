import type { ImportId } from '../ids.ts'
import type { Waiting } from '../ports/waiting.ts'
import { findImport } from './find-import.ts'
import type { Import } from './import.ts'
import type { ImportDeps } from './manage-imports.ts'

/** Where the server itself takes the rows of an import from, and how far it is. */
export interface ImportSource {
  readonly url: string
  /** What names of files say of their rows; null: the folder that a picture lies in is its person. */
  readonly pattern: string | null
  /** What a CSV is in; left out or null: what its server says, else UTF-8. */
  readonly encoding?: 'utf-8' | 'windows-1252' | null
  /** Whether descriptors of an export are taken in: only those of a caller who may have some. */
  readonly withDescriptors?: boolean
  /** Whether the import is closed once all has been read. */
  readonly closes: boolean
  /** `reading`: it goes on by itself. `failed`: it cannot, and `why` says what is wrong. */
  readonly state: 'reading' | 'read' | 'failed'
  /** While `reading`: what holds it up; null if nothing does. */
  readonly why: string | null
  /**
   * Where reading goes on. Of a prefix: the key of the object that was taken last. Of a file: how many of its parts were
   * taken, and of which version. Null before the first, and at the end.
   */
  readonly cursor: string | null
  /** Rows that it has given, wrong ones included. */
  readonly rows: number
  /** Those of them whose key was there with other contents; left out by an earlier version. */
  readonly conflicts?: number
  /** What was noted of the source as a whole; left out: nothing, or an earlier version read it. See `notesWith`. */
  readonly notes?: readonly string[]
}

export type AskedSource = Pick<ImportSource, 'url' | 'pattern' | 'encoding' | 'withDescriptors' | 'closes'>

export type ReadSourceOutcome =
  | { readonly outcome: 'reading'; readonly import: Import }
  | { readonly outcome: 'import-not-found' }
  /** All rows are in, it was said. */
  | { readonly outcome: 'closed' }
  /** Another source is being read. */
  | { readonly outcome: 'busy' }

/**
 * Has rows taken from a source by the process that hands out rows; once this resolves, it is remembered. A call that is
 * repeated changes nothing. One that failed goes on where it stopped; one that was read is read again from its beginning,
 * for what has come since.
 */
export async function readFromSource(
  { gallery, imports }: ImportDeps,
  asked: { readonly id: ImportId } & AskedSource,
  waiting?: Waiting,
): Promise<ReadSourceOutcome> {
  const { id, ...what } = asked
  for (;;) {
    const before = await findImport(imports, id, waiting)
    if (before === null) return { outcome: 'import-not-found' }
    if (!before.takesRows) return { outcome: 'closed' }
    const { source: last } = before
    const isSame = last !== null && isSameSource(last, what)
    if (last?.state === 'reading' && !isSame) return { outcome: 'busy' }
    if (last?.state === 'reading' && last.closes === what.closes)
      return { outcome: 'reading', import: before }
    const goesOn = isSame && last.state !== 'read' && last.cursor !== null
    const { cursor, rows, conflicts = 0, notes = [] } = goesOn ? last : { cursor: null, rows: 0 }
    const told = notes.length === 0 ? {} : { notes }
    const source: ImportSource = { ...what, state: 'reading', why: null, cursor, rows, conflicts, ...told }
    const updatedAt = gallery.clock.now()
    const after = await imports.records.update(before, { source, updatedAt }, waiting)
    if (after !== null) return { outcome: 'reading', import: after }
  }
}

/** Whether the same rows come of both. */
export function isSameSource(a: AskedSource, b: AskedSource): boolean {
  const isAlike = a.url === b.url && a.pattern === b.pattern
  return isAlike && (a.encoding ?? null) === (b.encoding ?? null)
}
