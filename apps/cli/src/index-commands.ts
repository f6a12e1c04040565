import { AppError, rebuildIndex, requireRecords, tidyPictures, verifyIndex } from '@semblance/core'
import { say } from '@semblance/telemetry'
import type { Command } from 'commander'
import { namesCluster } from './names-cluster.ts'
import { type ClusterWork, withCluster } from './with-cluster.ts'

/** A picture is written before its record is `ready`: younger ones may belong to an enrollment under way. */
const ORPHAN_AGE_MS = 3_600_000
const DAY_MS = 86_400_000
/** Items between two lines about progress. */
const SAY_EVERY = 10_000

/** `semblance index ...`: the vectors of a cluster against the records that they come from. */
export function addIndexCommands(program: Command): void {
  const index = program
    .command('index')
    .description("the cluster's vector index, which can always be made again from the stored descriptors")
  index
    .command('verify')
    .description('compare the index with the store; exits with 1 if they differ and nothing was repaired')
    .option(
      '--repair',
      'add what is missing, remove what should not be there, set aside pictures without a record',
      false,
    )
    .action((options: { readonly repair: boolean }) => verify(options.repair))
  index
    .command('rebuild')
    .description('build a new index beside the old one and let it serve; searches go on all the time')
    .action(rebuild)
  index.hook('preAction', refuseStandalone)
}

/** Whoever runs one process looks for the command of the other shape here. */
function refuseStandalone(): void {
  if (namesCluster()) return
  throw new NoCluster(
    'semblance index is about a cluster, and SEMBLANCE_MONGO_URL names none. The standalone server makes its index anew from the database at each start: restart it to rebuild, and use "semblance verify" to check its data folder',
  )
}

/** `runProcess` knows it by its name and tells it in one line. */
class NoCluster extends Error {
  override readonly name = 'ConfigError'
}

async function verify(repair: boolean): Promise<void> {
  const { found, pictures } = await withCluster(async (work) => {
    const { gallery, signal } = work
    if (repair) await requireKnown(work)
    return {
      found: await verifyIndex(gallery, { repair, signal, onProgress: progress('compared') }),
      pictures: repair
        ? await tidyPictures(gallery, {
            untouchedMs: ORPHAN_AGE_MS,
            keepMs: work.settings.SEMBLANCE_SET_ASIDE_DAYS * DAY_MS,
            signal,
          })
        : null,
    }
  })
  print(pictures === null ? found : { ...found, pictures })
  if (found.missing + found.surplus + found.stale > found.repaired) process.exitCode = 1
}

async function rebuild(): Promise<void> {
  const made = await withCluster(async (work) => {
    await requireKnown(work)
    return rebuildIndex(work.gallery, { signal: work.signal, onProgress: progress('written') })
  })
  print(made)
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

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

function progress(verb: string): (count: number) => void {
  let said = 0
  return (count) => {
    if (count - said < SAY_EVERY) return
    said = count
    say(`${count} ${verb}`)
  }
}
