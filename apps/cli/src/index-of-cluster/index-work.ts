import { packsOf, readPackSummary } from '@semblance/cluster'
import {
  AppError,
  type CompareOptions,
  hasMoved,
  type IndexComparison,
  type IndexRebuild,
  type PackId,
  rebuildIndex,
  requireRecords,
  tidyPictures,
  verifyIndex,
} from '@semblance/core'
import { EXIT } from '../command/exit-codes.ts'
import { openProgress, withProgress } from '../command/progress.ts'
import type { CommandResult } from '../command/server-action.ts'
import { countLines } from '../command/table.ts'
import { type ClusterWork, withCluster } from '../with-cluster.ts'

/** A picture is written before its record is `ready`: younger ones may belong to an enrollment under way. */
const ORPHAN_AGE_MS = 3_600_000
const DAY_MS = 86_400_000

export async function verifyOrRepair(repair: boolean, stopped: AbortSignal): Promise<CommandResult> {
  const { found, pictures } = await withCluster({ signal: stopped }, async (work) => {
    const { gallery, signal } = work
    if (repair) await requireKnown(work)
    const { images } = await gallery.records.countEnrolled({ signal })
    return {
      found: await shown('compared', images, (onProgress) =>
        verifyIndexes(work, { repair, signal, onProgress }),
      ),
      pictures: repair
        ? await tidyPictures(gallery, {
            untouchedMs: ORPHAN_AGE_MS,
            keepMs: work.settings.SEMBLANCE_SET_ASIDE_DAYS * DAY_MS,
            signal,
          })
        : null,
    }
  })
  const { missing, surplus, stale, repaired } = found
  const { json, lines } = told(pictures === null ? found : { ...found, pictures })
  if (missing + surplus + stale <= repaired) return { json, lines, exitCode: EXIT.fine }
  return { json, lines: [...lines, '', repair ? NOT_REPAIRED : DIFFERS], exitCode: EXIT.found }
}

const DIFFERS =
  'The index differs from the records. "semblance index verify --repair" puts it right while the cluster runs; if much is missing, "semblance index rebuild" does.'
const NOT_REPAIRED =
  'Not all of it was put right: images may have been deleted meanwhile, or their records cannot be used. Run the command again; "semblance verify" names such records.'

export async function rebuild(stopped: AbortSignal): Promise<CommandResult> {
  const made = await withCluster({ signal: stopped }, async (work) => {
    await requireKnown(work)
    const { images } = await work.gallery.records.countEnrolled({ signal: work.signal })
    return shown('written', images, (onProgress) => rebuildAll(work, onProgress))
  })
  return told(made)
}

async function rebuildAll(work: ClusterWork, onProgress: (images: number) => void): Promise<object> {
  const { gallery, packs, signal } = work
  let made: IndexRebuild | null = null
  // The one that serves comes last, and is what is told of.
  for (const packId of packsOf(packs).toReversed()) {
    const index = await indexOf(work, packId)
    const rebuilt = { ...gallery, index, packId: hasMoved(packs) ? packId : undefined }
    made = await rebuildIndex(rebuilt, { signal, onProgress })
  }
  return made ?? {}
}

/** Of a pack that is at hand also where its collection was lost. */
async function indexOf({ gallery, settings }: ClusterWork, packId: PackId) {
  const summary = await readPackSummary(settings.SEMBLANCE_PACKS, packId).catch(() => null)
  return summary === null ? gallery.index.of(packId) : gallery.index.make(summary)
}

/** The indexes of all packs of the gallery; the counts are those of all. */
export async function verifyIndexes(
  { gallery, packs }: Pick<ClusterWork, 'gallery' | 'packs'>,
  options: CompareOptions,
): Promise<IndexComparison> {
  let all: IndexComparison | null = null
  for (const packId of packsOf(packs)) {
    const index = await gallery.index.of(packId)
    const compared = { ...gallery, index, packId: hasMoved(packs) ? packId : undefined }
    const found = await verifyIndex(compared, options)
    all = all === null ? found : sumOf(all, found)
  }
  return all ?? { images: 0, vectors: 0, missing: 0, surplus: 0, stale: 0, repaired: 0 }
}

function sumOf(one: IndexComparison, other: IndexComparison): IndexComparison {
  return {
    images: one.images,
    vectors: one.vectors + other.vectors,
    missing: one.missing + other.missing,
    surplus: one.surplus + other.surplus,
    stale: one.stale + other.stale,
    repaired: one.repaired + other.repaired,
  }
}

/** An empty, older or foreign store must not empty an index, nor put pictures aside, as if all had been deleted. */
async function requireKnown({ gallery, settings, signal }: ClusterWork): Promise<void> {
  const { records, pictures, index, clock } = gallery
  const common = { accepted: settings.SEMBLANCE_ACCEPT_MISSING_RECORDS, nowMs: clock.now(), signal }
  await requireRecords(records.images, {
    ...common,
    what: 'pictures',
    list: (query, waiting) => pictures.list({ ...query, untouchedMs: 0 }, waiting),
  })
  await requireRecords(records.images, {
    ...common,
    what: 'vectors',
    list: async (query, waiting) => {
      try {
        return await index.listImageIds(query, waiting)
      } catch (fault) {
        if (isLost(fault)) return []
        throw fault
      }
    },
  })
}

/** Qdrant is there and has no such collection: there is nothing that could be taken away. */
function isLost(fault: unknown): boolean {
  return fault instanceof AppError && (fault.cause as { readonly status?: unknown } | null)?.status === 404
}

function told(result: object): CommandResult {
  return { json: JSON.stringify(result), lines: countLines(result) }
}

/** A walk over all images begins again for each pack, and for each pass of a rebuild. */
function shown<T>(
  done: string,
  total: number,
  work: (onProgress: (images: number) => void) => Promise<T>,
): Promise<T> {
  return withProgress(openProgress('images', Date.now, done), (progress) =>
    work((images) => progress.update({ done: images, total: Math.max(total, images) })),
  )
}
