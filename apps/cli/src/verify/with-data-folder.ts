import { join, resolve } from 'node:path'
import { dataSettings, packSettings } from '@semblance/config'
import type { VerifyGalleryOptions } from '@semblance/core'
import { z } from 'zod'
import { readEnvironment } from '../command/read-environment.ts'
import { requireDataFolder } from '../command/require-data-folder.ts'
import { servingPack } from './serving-pack.ts'

const schema = z.object({ ...packSettings, SEMBLANCE_DATA: dataSettings.SEMBLANCE_DATA })

export type OpenedFolder = Pick<
  VerifyGalleryOptions,
  'records' | 'pictures' | 'staged' | 'placeOf' | 'descriptors' | 'signal'
>

/**
 * Opens a data folder for looking only: it takes no lock and makes nothing, so that a server may be running on it.
 * Throws a `CommandFault` where there is none.
 */
export async function withDataFolder<T>(
  { data, signal }: { readonly data: string | undefined; readonly signal: AbortSignal },
  work: (folder: OpenedFolder) => Promise<T>,
): Promise<T> {
  const config = readEnvironment(schema)
  const folder = resolve(data ?? config.SEMBLANCE_DATA)
  const file = await requireDataFolder(folder)
  // The import is only here: commands on a cluster need no SQLite.
  const { openSqliteInspector, readDiskImages, readServingPack } = await import('@semblance/store-local')
  const descriptors = await servingPack(config, readServingPack(file))
  const records = openSqliteInspector(file)
  const clock = { now: () => Date.now(), monotonic: () => performance.now() }
  try {
    const pictures = readDiskImages({ folder: join(folder, 'pictures'), clock })
    const staged = readDiskImages({ folder: join(folder, 'staged'), clock })
    return await work({ records, pictures, staged, placeOf: pictures.placeOf, descriptors, signal })
  } finally {
    await records.close()
  }
}
