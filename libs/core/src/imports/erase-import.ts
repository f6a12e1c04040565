import type { GoingByName } from '../gallery-ports.ts'
import type { ImageId, ImportId, PersonId } from '../ids.ts'
import { inLanes } from '../in-lanes.ts'
import type { ImageStore } from '../ports/image-store.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { type ImportRow, personKeyOf } from './import-row.ts'
import { type OutcomeKind, PERSON_DELETED } from './row-outcome.ts'

export interface EraseDeps {
  readonly imports: ImportStore
  readonly staged: ImageStore
  /** This is told of every row that ends because its person is deleted. */
  readonly onRow?: ((kind: OutcomeKind) => void) | undefined
}

const PART = 200
const PARTS_AT_ONCE = 20
const DELETED_AT_ONCE = 8
/** A process that died between a staged picture and its row leaves the picture; no upload takes that long. */
const ABANDONED_MS = 3_600_000

interface Taken {
  readonly rows: number
  /** No other is left. */
  readonly areAll: boolean
}

/** Takes some thousand rows out of an import, part by part, and removes their staged pictures. */
export async function takeInParts(
  deps: Pick<EraseDeps, 'staged'>,
  take: (limit: number) => Promise<readonly ImportRow[]>,
  waiting?: Waiting,
): Promise<Taken> {
  let count = 0
  for (let part = 0; part < PARTS_AT_ONCE; part++) {
    const rows = await take(PART)
    if (rows.length === 0) return { rows: count, areAll: true }
    count += rows.length
    await dropPictures(deps, rows.flatMap(stagedOf), waiting)
  }
  return { rows: count, areAll: false }
}

/**
 * Removes some thousand rows of a `deleting` import and their staged pictures; the import, too, if that was all of them. Called
 * again for the rest, so that other imports get on meanwhile.
 */
export async function eraseImport(deps: EraseDeps, id: ImportId, waiting?: Waiting): Promise<void> {
  const remove = (limit: number) => deps.imports.rows.remove(id, limit, waiting)
  const { areAll } = await takeInParts(deps, remove, waiting)
  if (areAll) await deps.imports.records.forget(id, waiting)
}

/** What `GalleryPorts.eraseFromImports` does. */
export async function erasePersonFromImports(
  deps: EraseDeps,
  id: PersonId,
  waiting?: Waiting,
): Promise<void> {
  const { staged, ended } = await deps.imports.persons.erase(id, waiting)
  for (let i = 0; i < ended; i++) deps.onRow?.(PERSON_DELETED.kind)
  await dropPictures(deps, staged, waiting)
}

/** What `GalleryPorts.bindInImports` does. */
export async function bindPersonInImports(
  { imports }: Pick<EraseDeps, 'imports'>,
  { id, externalId, ...going }: GoingByName,
  waiting?: Waiting,
): Promise<readonly PersonId[]> {
  const personKey = externalId === null ? null : personKeyOf({ by: 'externalId', externalId })
  return imports.persons.seal({ ...going, personId: id, personKey }, waiting)
}

export async function dropPictures(
  deps: Pick<EraseDeps, 'staged'>,
  ids: readonly ImageId[],
  waiting?: Waiting,
): Promise<void> {
  await inLanes(ids, { width: DELETED_AT_ONCE, signal: waiting?.signal }, (id) =>
    deps.staged.delete(id, waiting),
  )
}

export function stagedOf({ picture }: Pick<ImportRow, 'picture'>): readonly ImageId[] {
  return picture?.from === 'staged' ? [picture.stagedId] : []
}

/** Removes staged pictures that no row needs: what a crash left between two steps. Answers how many. */
export async function sweepStagedPictures(deps: EraseDeps, waiting?: Waiting): Promise<number> {
  let after: ImageId | null = null
  let swept = 0
  for (;;) {
    const ids: readonly ImageId[] = await deps.staged.list(
      { after, limit: PART, untouchedMs: ABANDONED_MS },
      waiting,
    )
    const needed = new Set(await deps.imports.rows.neededPictures(ids, waiting))
    const abandoned = ids.filter((id) => !needed.has(id))
    await dropPictures(deps, abandoned, waiting)
    swept += abandoned.length
    after = ids.at(-1) ?? null
    if (ids.length < PART) return swept
  }
}
