import { placeOfPicture } from '@semblance/cluster'
import { type Finding, verifyGallery, verifyIndex } from '@semblance/core'
import { say } from '@semblance/telemetry'
import { namesCluster } from '../names-cluster.ts'
import { withCluster } from '../with-cluster.ts'
import { FindingReport } from './finding-report.ts'
import { withDataFolder } from './with-data-folder.ts'

/** Items between two lines about progress. */
const SAY_EVERY = 10_000

/** `data`: the folder to look at; undefined: the cluster that the environment names, or else its data folder. */
export async function verifyStores(data: string | undefined): Promise<void> {
  const report = new FindingReport((line) => process.stdout.write(`${line}\n`))
  const onFinding = (finding: Finding) => report.add(finding)
  const looking = { onFinding, onProgress: progress() }
  const found =
    data === undefined && namesCluster()
      ? await verifyCluster(looking)
      : await withDataFolder(data, (folder) => verifyGallery({ ...folder, ...looking }))
  report.end(found)
  for (const line of report.table()) say(line)
  if (report.count > 0) process.exitCode = 1
}

type Looking = Pick<Parameters<typeof verifyGallery>[0], 'onFinding' | 'onProgress'>

function verifyCluster(looking: Looking): Promise<object> {
  return withCluster(async ({ gallery, records, settings, pack, signal }) => {
    const found = await verifyGallery({
      records,
      pictures: gallery.pictures,
      placeOf: (id) => placeOfPicture(settings, id),
      descriptors: pack,
      signal,
      ...looking,
    })
    const index = await verifyIndex(gallery, { repair: false, signal }).catch((fault) => {
      signal.throwIfAborted()
      looking.onFinding({
        finding: 'store-unreachable',
        id: null,
        place: null,
        why: `the index: ${fault.message}`,
      })
      return null
    })
    if (index === null) return found
    const { missing, surplus, stale } = index
    if (missing + surplus + stale > 0) {
      const why = `${missing} vectors are missing, ${surplus} too many, ${stale} stale`
      looking.onFinding({ finding: 'index-differs', id: null, place: null, why })
    }
    return { ...found, vectors: index.vectors }
  })
}

function progress(): (count: number) => void {
  let said = 0
  return (count) => {
    if (count - said < SAY_EVERY) return
    said = count
    say(`${count} pictures compared`)
  }
}
