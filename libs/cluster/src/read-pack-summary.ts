import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type ImpostorTail,
  type PackId,
  packInvalid,
  parsePackName,
  type StrangerRates,
  strangerRates,
} from '@semblance/core'
import { z } from 'zod'

const tailSchema = z
  .array(z.tuple([z.number(), z.number().gt(0)]).transform(([cosine, rate]) => ({ cosine, rate })))
  .min(2)
  .transform((points) => points as unknown as ImpostorTail)

/** The part of a pack's manifest that concerns those who never run its networks. */
const summarySchema = z.object({
  id: z.string(),
  version: z.int().positive(),
  descriptorLength: z.int().positive(),
  calibration: z
    .object({
      operatingPoint: z
        .object({
          richRich: z.number(),
          richCheap: z.number().optional().catch(undefined),
          cheapCheap: z.number().optional().catch(undefined),
        })
        .optional(),
      impostorTails: z
        .object({ richCheap: tailSchema, cheapCheap: tailSchema, richRich: tailSchema })
        .optional()
        .catch(undefined),
    })
    .optional()
    .catch(undefined),
})

export interface PackSummary {
  readonly packId: PackId
  /** Numbers in a descriptor. */
  readonly dimensions: number
}

/** Finds a pack by its name, `builtin` or `builtin@2`. Throws E_PACK_INVALID. The whole manifest is checked by the engine,
 *  in the workers. */
export async function readPackSummary(packsFolder: string, pack: string): Promise<PackSummary> {
  const { id, version, descriptorLength } = await readManifest(packsFolder, pack)
  return { packId: `${id}@${version}` as PackId, dimensions: descriptorLength }
}

/** The pack's cosine that has distance 1 for two enrolled images. Throws E_PACK_INVALID, also where pack.json has none. */
export async function readOperatingPoint(packsFolder: string, pack: string): Promise<number> {
  const { calibration } = await readManifest(packsFolder, pack)
  const richRich = calibration?.operatingPoint?.richRich
  if (richRich === undefined) throw packInvalid(pack, 'its pack.json has no operating point')
  return richRich
}

/** How often strangers come how near by the pack; null: nobody has measured it. Throws E_PACK_INVALID. */
export async function readStrangerRates(packsFolder: string, pack: string): Promise<StrangerRates | null> {
  const { calibration } = await readManifest(packsFolder, pack)
  const { richCheap, cheapCheap, richRich } = calibration?.operatingPoint ?? {}
  if (richCheap === undefined || cheapCheap === undefined || richRich === undefined) return null
  return strangerRates({ richCheap, cheapCheap, richRich, impostorTails: calibration?.impostorTails })
}

async function readManifest(packsFolder: string, pack: string): Promise<z.output<typeof summarySchema>> {
  const request = parsePackName(pack)
  const [first, ...others] = request?.folders ?? []
  if (request === null || first === undefined) throw packInvalid(pack, 'this is no name of a pack')
  try {
    let text = await readIfThere(join(packsFolder, first, 'pack.json'))
    for (const folder of others) text ??= await readIfThere(join(packsFolder, folder, 'pack.json'))
    const manifest = summarySchema.parse(JSON.parse(text ?? ''))
    const { version } = manifest
    if (version !== (request.version ?? version)) throw new Error(`there is only version ${version}`)
    return manifest
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
