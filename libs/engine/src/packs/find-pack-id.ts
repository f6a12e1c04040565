import type { PackId } from '@semblance/core'
import { packIdOf } from './pack-manifest.ts'
import { readManifest } from './read-manifest.ts'

/** The id of the pack that goes by this name, such as `builtin@1` for `builtin`; its files are not looked at. Throws
 *  E_PACK_INVALID. */
export async function findPackId(packsFolder: string, name: string): Promise<PackId> {
  return packIdOf((await readManifest(packsFolder, name)).manifest)
}
