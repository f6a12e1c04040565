import { createHash } from 'node:crypto'
import { overloaded } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { ImageId, ImportId } from '../ids.ts'
import { sha256Hex } from '../images/read-picture.ts'
import { inLanes } from '../in-lanes.ts'
import type { ImageStore } from '../ports/image-store.ts'
import type { AddedRow, ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { dropPictures, eraseImport, stagedOf } from './erase-import.ts'
import { findImport } from './find-import.ts'
import { goOn } from './go-on.ts'
import { ERASED_KEY, type RowDraft, type RowPicture } from './import-row.ts'
import type { OutcomeKind } from './row-outcome.ts'
import { type AddedBeside, addBeside } from './rows-beside.ts'

export interface AddRowsDeps {
  readonly gallery: Pick<GalleryPorts, 'newId' | 'clock'>
  readonly imports: ImportStore
  readonly staged: ImageStore
  /** Bytes of staged pictures that one import may have waiting. */
  readonly maxStagedBytes: number
  /** This is told of every row that was wrong as it was sent, and so has ended; once, however often it is sent. */
  readonly onRow?: ((kind: OutcomeKind) => void) | undefined
}

/** A row as it comes in, its picture with it. */
export type IncomingRow = Omit<RowDraft, 'digest' | 'picture' | 'pictureSha256' | 'takenAt'> & {
  readonly picture: { readonly bytes: Uint8Array } | { readonly url: string } | null
  /** Of a row that is wrong: a digest of what it said, which else nothing has. */
  readonly contents?: string
}

export interface RowsToTake {
  readonly id: ImportId
  readonly rows: readonly IncomingRow[]
  /** Whether conflicts are to be in the report, since nobody hears what became of each row. Left out: false. */
  readonly tellsConflicts?: boolean
}

export type AddRowsOutcome =
  /** In the order of the rows. `keys`: the one under which each is in the report; left out if it has the one that was sent. */
  | { readonly outcome: 'added'; readonly rows: readonly AddedRow[]; readonly keys?: readonly string[] }
  | { readonly outcome: 'import-not-found' }
  /** All rows are in, it was said. */
  | { readonly outcome: 'closed' }

/** Pictures written side by side. */
const STAGED_AT_ONCE = 4
/** So long the pictures of rows that were given up may take to go. */
const DROP_MS = 3_000
/** So long a client should wait that sends faster than pictures are enrolled. */
const SLOW_DOWN_S = 5

/**
 * Takes rows in; what is answered is durable. A row that is there already leaves nothing behind. Throws E_OVERLOADED if the
 * import has as many pictures waiting as it may: the same rows are to be sent again later.
 */
export async function addRows(
  deps: AddRowsDeps,
  { id, rows: sent, tellsConflicts = false }: RowsToTake,
  waiting?: Waiting,
): Promise<AddRowsOutcome> {
  const { imports } = deps
  const rows = sent.map(withFreeKey)
  const found = await findImport(imports, id, waiting)
  if (found === null) return { outcome: 'import-not-found' }
  if (!found.takesRows) return { outcome: 'closed' }
  const sentKeys = rows.map(({ key }) => key)
  const known = await knownKeys(deps, { id, keys: sentKeys }, waiting)
  const hasBytes = ({ key, picture }: IncomingRow) =>
    !known.has(key) && picture !== null && 'bytes' in picture
  if (rows.some(hasBytes)) await requireRoom(deps, id, waiting)
  const drafts = await draftsOf(deps, { rows, known }, waiting)
  // Pictures may take long to stage, and the import may have been cancelled or deleted meanwhile.
  const now = await findImport(imports, id, waiting)
  if (now?.takesRows !== true) {
    await dropPictures(deps, drafts.filter(({ key }) => !known.has(key)).flatMap(stagedOf), waiting)
    return { outcome: now === null ? 'import-not-found' : 'closed' }
  }
  await stageLost(deps, { id, rows, drafts, known }, waiting)
  const beside = await addBeside(deps, { id, drafts, tellsConflicts }, waiting)
  const { added, keys } = beside
  tellEnded(deps, drafts, beside)
  await stageAfterAll(deps, { rows, drafts, added, known }, waiting)
  const unused = drafts.filter(({ key }, i) => added[i] !== 'added' && !known.has(key)).flatMap(stagedOf)
  await dropPictures(deps, unused, waiting)
  // The import was perhaps closed or cancelled meanwhile, and nobody had seen these rows.
  const after =
    added.includes('added') || beside.toldConflicts > 0
      ? await goOn(deps, id, waiting)
      : await findImport(imports, id, waiting)
  if (after === null) {
    // It was deleted meanwhile, and whoever erased it had perhaps not seen these.
    await eraseImport(deps, id, waiting)
    return { outcome: 'import-not-found' }
  }
  return { outcome: 'added', rows: added, ...(keys === undefined ? {} : { keys }) }
}

/** Rows that were wrong as they were sent, and conflicts that are in the report as such. */
function tellEnded(
  { onRow }: Pick<AddRowsDeps, 'onRow'>,
  drafts: readonly RowDraft[],
  { added, toldConflicts }: AddedBeside,
): void {
  for (const [i, { outcome }] of drafts.entries())
    if (added[i] === 'added' && outcome !== undefined) onRow?.(outcome.kind)
  for (let i = 0; i < toldConflicts; i++) onRow?.('invalid')
}

async function knownKeys(
  { imports }: Pick<AddRowsDeps, 'imports'>,
  { id, keys }: { readonly id: ImportId; readonly keys: readonly string[] },
  waiting?: Waiting,
): Promise<Set<string>> {
  return new Set((await imports.rows.known(id, keys, waiting)).map(({ key }) => key))
}

/**
 * Other pictures take long to stage, and rows that were known may have lost their keys meanwhile, with their person. They will be
 * added, so that their pictures are staged before, and they are known no more.
 */
async function stageLost(
  deps: AddRowsDeps,
  given: {
    readonly id: ImportId
    readonly rows: readonly IncomingRow[]
    readonly drafts: readonly RowDraft[]
    readonly known: Set<string>
  },
  waiting?: Waiting,
): Promise<void> {
  const { id, rows, drafts, known } = given
  const staged = drafts.flatMap(({ key, picture }, i) => {
    const sent = rows[i]?.picture
    if (!known.has(key) || picture?.from !== 'staged' || sent == null || !('bytes' in sent)) return []
    return [{ key, stagedId: picture.stagedId, bytes: sent.bytes }]
  })
  if (staged.length === 0) return
  const keys = staged.map(({ key }) => key)
  const still = await knownKeys(deps, { id, keys }, waiting)
  for (const { key, stagedId, bytes } of staged) {
    if (still.has(key)) continue
    await deps.staged.put(stagedId, bytes, waiting)
    known.delete(key)
  }
}

/**
 * The pictures of rows that were known are not staged. One that was added all the same, since its person was deleted in between
 * and it lost its key by that, is a new row, and must not be without. Until then it is tried again. That row may be gone as well by
 * then, with whoever it was about, and whoever removed it looked for its picture before it came.
 */
async function stageAfterAll(
  deps: AddRowsDeps,
  given: {
    readonly rows: readonly IncomingRow[]
    readonly drafts: readonly RowDraft[]
    readonly added: readonly AddedRow[]
    readonly known: ReadonlySet<string>
  },
  waiting?: Waiting,
): Promise<void> {
  const { rows, drafts, added, known } = given
  const late: ImageId[] = []
  for (const [i, { key, picture }] of drafts.entries()) {
    const sent = rows[i]?.picture
    if (added[i] !== 'added' || !known.has(key) || picture?.from !== 'staged') continue
    if (sent == null || !('bytes' in sent)) continue
    await deps.staged.put(picture.stagedId, sent.bytes, waiting)
    late.push(picture.stagedId)
  }
  if (late.length === 0) return
  const needed = new Set(await deps.imports.rows.neededPictures(late, waiting))
  await dropPictures(
    deps,
    late.filter((id) => !needed.has(id)),
    waiting,
  )
}

async function draftsOf(
  deps: AddRowsDeps,
  { rows, known }: { readonly rows: readonly IncomingRow[]; readonly known: ReadonlySet<string> },
  waiting?: Waiting,
): Promise<readonly RowDraft[]> {
  const drafts: RowDraft[] = []
  try {
    await inLanes(rows.entries(), { width: STAGED_AT_ONCE, signal: waiting?.signal }, async ([i, row]) => {
      drafts[i] = await draftOf(deps, { row, isKnown: known.has(row.key) }, waiting)
    })
    waiting?.signal?.throwIfAborted()
    return drafts
  } catch (fault) {
    const patience = { signal: AbortSignal.timeout(DROP_MS) }
    // What cannot be dropped now is swept later, as after a crash.
    await dropPictures(deps, drafts.flatMap(stagedOf), patience).catch(() => {})
    throw fault
  }
}

/** A key that stands for an erased row would be in the way of an erasure; the row is kept for the report, under another. */
function withFreeKey(row: IncomingRow): IncomingRow {
  if (!row.key.startsWith(ERASED_KEY)) return row
  const key = `not ${row.key}`
  const why = `must not begin with "${ERASED_KEY}"`
  // Nobody of the import may have such a key, either.
  const isOwn = row.person.by === 'key' && row.person.key === row.key
  const person: IncomingRow['person'] = isOwn ? { by: 'key', key } : row.person
  return { key, person, picture: null, outcome: { kind: 'invalid', field: 'key', why } }
}

async function requireRoom(deps: AddRowsDeps, id: ImportId, waiting?: Waiting): Promise<void> {
  const { stagedBytes } = await deps.imports.rows.count(id, waiting)
  if (stagedBytes >= deps.maxStagedBytes)
    throw overloaded('the room for pictures of this import', SLOW_DOWN_S)
}

/** The picture is written before its row: one without a row is swept, a row without its picture could never be done. */
async function draftOf(
  deps: AddRowsDeps,
  { row, isKnown }: { readonly row: IncomingRow; readonly isKnown: boolean },
  waiting?: Waiting,
): Promise<RowDraft> {
  const { picture, contents, ...sent } = row
  const told = contents === undefined ? sent : { ...sent, contents }
  const digest = createHash('sha256').update(JSON.stringify(told))
  const fields =
    row.person.by === 'id' || row.restore !== undefined
      ? { ...sent, takenAt: deps.gallery.clock.now() }
      : sent
  if (picture === null || 'url' in picture) {
    digest.update(picture?.url ?? '')
    const link: RowPicture | null = picture === null ? null : { from: 'link', url: picture.url }
    return { ...fields, picture: link, digest: digest.digest('hex'), pictureSha256: null }
  }
  const pictureSha256 = sha256Hex(picture.bytes)
  digest.update(pictureSha256)
  const stagedId = deps.gallery.newId() as ImageId
  const hasPicture = row.outcome === undefined
  if (hasPicture && !isKnown) await deps.staged.put(stagedId, picture.bytes, waiting)
  const staged: RowPicture = { from: 'staged', stagedId, bytes: picture.bytes.byteLength }
  return { ...fields, picture: hasPicture ? staged : null, digest: digest.digest('hex'), pictureSha256 }
}
