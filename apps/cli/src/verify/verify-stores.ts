import { placeOfPicture, placeOfStaged } from '@semblance/cluster'
import { type Finding, verifyGallery } from '@semblance/core'
import { EXIT } from '../command/exit-codes.ts'
import { openCount } from '../command/progress.ts'
import type { CommandResult } from '../command/server-action.ts'
import { verifyIndexes } from '../index-of-cluster/index-work.ts'
import { namesCluster } from '../names-cluster.ts'
import { wrongUse } from '../server/command-fault.ts'
import { withCluster } from '../with-cluster.ts'
import { FindingReport } from './finding-report.ts'
import { type OpenedFolder, withDataFolder } from './with-data-folder.ts'

interface VerifyWhat {
  /** The folder to look at; undefined: the cluster that the environment names, or else its data folder. */
  readonly data?: string
  /** A new file for each finding. */
  readonly report?: string
  /** The file of a key: `data` is an encrypted backup. */
  readonly keyFile?: string
}

export async function verifyStores(
  { data, report: file, keyFile }: VerifyWhat,
  signal: AbortSignal,
): Promise<CommandResult> {
  const report = new FindingReport(file)
  try {
    const onFinding = (finding: Finding) => report.add(finding)
    const looking = { onFinding, onProgress: openCount('pictures compared') }
    const look = (folder: OpenedFolder) => verifyGallery({ ...folder, ...looking })
    const isCluster = data === undefined && keyFile === undefined && namesCluster()
    const found = isCluster
      ? await verifyCluster(looking, signal)
      : keyFile === undefined
        ? await withDataFolder({ data, signal }, look)
        : await verifySealed({ backup: data, keyFile, signal }, look)
    return verifiedResult(found, report)
  } finally {
    report.close()
  }
}

async function verifySealed(
  {
    backup,
    keyFile,
    signal,
  }: { readonly backup: string | undefined; readonly keyFile: string; readonly signal: AbortSignal },
  look: (folder: OpenedFolder) => Promise<object>,
): Promise<object> {
  if (backup === undefined)
    throw wrongUse('--key-file is about an encrypted backup: name its folder by --data')
  // The import is only here: commands on a cluster need no SQLite.
  const { withSealedBackup } = await import('./with-sealed-backup.ts')
  return withSealedBackup({ backup, keyFile, signal }, look)
}

/** `verified`: what was looked at, with what else programs are told. */
export function verifiedResult(verified: object, report: FindingReport): CommandResult {
  return {
    json: JSON.stringify({ ...verified, ...report.result() }),
    lines: report.table(),
    exitCode: report.count > 0 ? EXIT.found : EXIT.fine,
  }
}

type Looking = Pick<Parameters<typeof verifyGallery>[0], 'onFinding' | 'onProgress'>

function verifyCluster(looking: Looking, stopped: AbortSignal): Promise<object> {
  return withCluster({ signal: stopped }, async (cluster) => {
    const { gallery, staged, packs, records, settings, pack, signal } = cluster
    const found = await verifyGallery({
      records,
      pictures: gallery.pictures,
      staged: { get: (id, waiting) => staged.get(id, waiting), placeOf: (id) => placeOfStaged(settings, id) },
      placeOf: (id) => placeOfPicture(settings, id),
      descriptors: pack,
      signal,
      ...looking,
    })
    const index = await verifyIndexes({ gallery, packs }, { repair: false, signal }).catch((fault) => {
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
      const why = `vectors: ${missing} missing, ${surplus} too many, ${stale} stale`
      looking.onFinding({ finding: 'index-differs', id: null, place: null, why })
    }
    return { ...found, vectors: index.vectors }
  })
}
