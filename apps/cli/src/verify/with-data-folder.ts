import { stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { readPackSummary } from '@semblance/cluster'
import { clusterVariables, dataSettings, packSettings, readConfig, warningLine } from '@semblance/config'
import { dataUnreadable, type VerifyGalleryOptions } from '@semblance/core'
import { say } from '@semblance/telemetry'
import { z } from 'zod'

const schema = z.object({ ...packSettings, SEMBLANCE_DATA: dataSettings.SEMBLANCE_DATA })

export type OpenedFolder = Pick<
  VerifyGalleryOptions,
  'records' | 'pictures' | 'placeOf' | 'descriptors' | 'signal'
>

/**
 * Opens a data folder for looking only: it takes no lock and makes nothing, so that a server may be running on it.
 * Throws E_DATA_UNREADABLE.
 */
export async function withDataFolder<T>(
  { data, signal }: { readonly data: string | undefined; readonly signal: AbortSignal },
  work: (folder: OpenedFolder) => Promise<T>,
): Promise<T> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const config = readConfig(schema, process.env, {
    readElsewhere: clusterVariables,
    warn: (warning) => say(warningLine(warning)),
  })
  const folder = resolve(data ?? config.SEMBLANCE_DATA)
  const file = join(folder, 'semblance.sqlite')
  if ((await stat(file).catch(() => null)) === null)
    throw dataUnreadable(
      folder,
      'there is no semblance.sqlite in it; name another one with --data, and for an encrypted backup its key by --key-file',
    )
  const descriptors = await readPackSummary(config.SEMBLANCE_PACKS, config.SEMBLANCE_PACK)
  // The import is only here: commands on a cluster need no SQLite.
  const { openSqliteInspector, readDiskImages } = await import('@semblance/store-local')
  const records = openSqliteInspector(file)
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  try {
    const pictures = readDiskImages({ folder: join(folder, 'pictures'), clock })
    return await work({ records, pictures, placeOf: pictures.placeOf, descriptors, signal })
  } finally {
    await records.close()
  }
}
