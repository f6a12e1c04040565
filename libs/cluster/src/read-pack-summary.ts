import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PackId, packInvalid, parsePackName } from '@semblance/core'
import { z } from 'zod'

/** The part of a pack's manifest that concerns those who never run its networks. */
const summarySchema = z.object({
  id: z.string(),
  version: z.int().positive(),
  descriptorLength: z.int().positive(),
})

export interface PackSummary {
  readonly packId: PackId
  /** Numbers in a descriptor. */
  readonly dimensions: number
}

/** Finds a pack by its name, `builtin` or `builtin@2`. Throws E_PACK_INVALID. The whole manifest is checked by the engine,
 *  in the workers. */
export async function readPackSummary(packsFolder: string, pack: string): Promise<PackSummary> {
  const request = parsePackName(pack)
  const [first, ...others] = request?.folders ?? []
  if (request === null || first === undefined) throw packInvalid(pack, 'this is no name of a pack')
  try {
    let text = await readIfThere(join(packsFolder, first, 'pack.json'))
    for (const folder of others) text ??= await readIfThere(join(packsFolder, folder, 'pack.json'))
    const { id, version, descriptorLength } = summarySchema.parse(JSON.parse(text ?? ''))
    if (version !== (request.version ?? version)) throw new Error(`there is only version ${version}`)
    return { packId: `${id}@${version}` as PackId, dimensions: descriptorLength }
  } catch (error) {
    throw packInvalid(pack, 'its pack.json cannot be read', error)
  }
}

async function readIfThere(path: string): Promise<string | null> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null
    throw error
  })
}
