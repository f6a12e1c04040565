import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { packInvalid, parsePackName } from '@semblance/core'
import { z } from 'zod'
import { type PackManifest, packIdOf, packManifestSchema } from './pack-manifest.ts'

export interface FoundManifest {
  readonly manifest: PackManifest
  /** Its name in the folder of the packs, and in that of the models. */
  readonly folder: string
}

/** Finds a pack by its name, `builtin` or `builtin@2`. Throws E_PACK_INVALID when there is none, when its manifest is not
 *  what it should be, and when two folders say that they are the same pack. */
export async function readManifest(packsFolder: string, pack: string): Promise<FoundManifest> {
  const request = parsePackName(pack)
  if (request === null) {
    const form = 'names of packs consist of lower-case letters, digits and hyphens'
    throw packInvalid(pack, `${form}, and may end in @ and a version`)
  }
  const [first = '', ...others] = request.folders
  let found = await readFrom(packsFolder, first, pack)
  for (const folder of others) found ??= await readFrom(packsFolder, folder, pack)
  const version = request.version ?? found?.manifest.version
  if (found === null || found.manifest.version !== version) {
    const looked = found === null ? first : found.folder
    const what = found === null ? 'cannot be read' : `says that it is ${packIdOf(found.manifest)}`
    throw packInvalid(pack, `${join(packsFolder, looked, 'pack.json')} ${what}`)
  }
  await requireOnlyOne(packsFolder, found, pack)
  return found
}

/** Null where there is no such file. */
async function readFrom(packsFolder: string, folder: string, pack: string): Promise<FoundManifest | null> {
  const path = join(packsFolder, folder, 'pack.json')
  const json = await readFile(path, 'utf8').catch((fault: NodeJS.ErrnoException) => {
    if (fault.code === 'ENOENT') return null
    throw packInvalid(pack, `${path} cannot be read`, fault)
  })
  if (json === null) return null
  const parsed = packManifestSchema.safeParse(parseJson(pack, path, json))
  if (!parsed.success) throw packInvalid(pack, `${path} is not valid: ${z.prettifyError(parsed.error)}`)
  const { id } = parsed.data
  if (![id, packIdOf(parsed.data)].includes(folder)) {
    throw packInvalid(
      pack,
      `${path} says that it is ${packIdOf(parsed.data)}, but is not in a folder of that name`,
    )
  }
  return { manifest: parsed.data, folder }
}

function parseJson(pack: string, path: string, json: string): unknown {
  try {
    return JSON.parse(json)
  } catch (cause) {
    throw packInvalid(pack, `${path} is not JSON`, cause)
  }
}

/** Descriptors of two packs that go by one name would be compared with one another. */
async function requireOnlyOne(packsFolder: string, found: FoundManifest, pack: string): Promise<void> {
  const name = packIdOf(found.manifest)
  for (const folder of [found.manifest.id, name]) {
    if (folder === found.folder) continue
    const other = await readFrom(packsFolder, folder, pack)
    if (other === null || packIdOf(other.manifest) !== name) continue
    const both = `${join(packsFolder, found.folder)} and ${join(packsFolder, folder)}`
    throw packInvalid(pack, `${both} both say that they are ${name}; take one of them away`)
  }
}
