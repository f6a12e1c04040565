import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@semblance/core'
import { beforeAll, type TestContext } from 'vitest'
import type { FileNetworkName } from '../compile/compile-network.ts'
import { type PackManifest, packManifestSchema } from '../packs/pack-manifest.ts'
import { readTarballFile } from '../packs/tarball/tarball-file.ts'

const MODELS = join(import.meta.dirname, '../../../../models')

export function manifestOf(pack: string): PackManifest {
  return packManifestSchema.parse(JSON.parse(readFileSync(join(MODELS, pack, 'pack.json'), 'utf8')))
}

/** The original file that a network of a pack is compiled from, out of the models folder of this repository, where npm
 *  puts it the first time. Without it, the reason why there is none, for a test that is then skipped. */
async function tarballNetwork(pack: string, role: string): Promise<Buffer | string> {
  const manifest = manifestOf(pack)
  const origin = manifest.files[role]?.origin
  if (origin?.kind !== 'npm-tarball') throw new RangeError(`${role} of ${pack} does not come from a tarball`)
  const place = { packId: pack, files: manifest.files, modelsFolder: join(MODELS, '.cache') }
  try {
    return await readTarballFile(origin, { ...place, onFetch: () => {}, signal: undefined })
  } catch (fault) {
    if (fault instanceof AppError && fault.message.includes('npm cannot fetch it')) return fault.message
    throw fault
  }
}

/** Has the originals of these networks fetched before the tests of a file. Answers how a test gets one; without it, the test is
 *  skipped with the reason. */
export function tarballNetworks(
  pack: string,
  networks: readonly { readonly network: FileNetworkName; readonly role: string }[],
): (network: FileNetworkName, context: TestContext) => Buffer {
  const originals = new Map<FileNetworkName, Buffer | string>()
  beforeAll(async () => {
    for (const { network, role } of networks) originals.set(network, await tarballNetwork(pack, role))
  }, 120_000)
  return (network, context) => {
    const bytes = originals.get(network)
    return Buffer.isBuffer(bytes) ? bytes : context.skip(bytes)
  }
}

/** Why a pack cannot be opened here, for a test that is then skipped: npm cannot fetch what it is made from. Null if it
 *  can. */
export async function missingTarball(pack: string): Promise<string | null> {
  for (const [role, { file, origin }] of Object.entries(manifestOf(pack).files)) {
    const isMade = existsSync(join(MODELS, '.cache', pack, file))
    const bytes = origin.kind === 'npm-tarball' && !isMade ? await tarballNetwork(pack, role) : null
    if (typeof bytes === 'string') return bytes
  }
  return null
}
