import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type PackId, packInvalid } from '@semblance/core'
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

/** Throws E_PACK_INVALID. The whole manifest is checked by the engine, in the workers. */
export async function readPackSummary(packsFolder: string, pack: string): Promise<PackSummary> {
  try {
    const text = await readFile(join(packsFolder, pack, 'pack.json'), 'utf8')
    const { id, version, descriptorLength } = summarySchema.parse(JSON.parse(text))
    return { packId: `${id}@${version}` as PackId, dimensions: descriptorLength }
  } catch (error) {
    throw packInvalid(pack, 'its pack.json cannot be read', error)
  }
}
