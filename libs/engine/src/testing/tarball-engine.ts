import { join } from 'node:path'
import { afterAll, beforeAll, type TestContext } from 'vitest'
import { type OpenedPack, openPack } from '../packs/open-pack.ts'
import { missingTarball } from './tarball-networks.ts'

const MODELS = join(import.meta.dirname, '../../../../models')

interface Opening<Engine> {
  /** False: nothing is opened, as where the photos are missing. */
  readonly isWanted: boolean
  readonly open: (options: {
    readonly pack: OpenedPack
    readonly threads: number
    readonly limits: { readonly maxPixels: number; readonly maxFaces: number }
    readonly observe: () => void
  }) => Promise<Engine>
}

export interface TarballEngine<Engine> {
  /** Throws where there is none. */
  readonly engine: Engine
  /** Null: there is an engine. */
  readonly missing: string | null
  /** Skips a test, with the reason, where there is none. */
  require(context: TestContext): void
}

/** Has an engine on two threads of a pack that is made from tarballs opened before the tests of a file, and closed after them. */
export function tarballEngine<Engine extends { close(): Promise<void> }>(
  packId: string,
  opening: Opening<Engine>,
): TarballEngine<Engine> {
  let opened: Engine | string = 'nobody wanted the engine'
  beforeAll(async () => {
    if (opening.isWanted) opened = await openEngine(packId, opening)
  }, 120_000)
  afterAll(() => (typeof opened === 'string' ? undefined : opened.close()))
  return {
    get engine() {
      if (typeof opened === 'string') throw new Error(opened)
      return opened
    },
    get missing() {
      return typeof opened === 'string' ? opened : null
    },
    require: (context) => {
      if (typeof opened === 'string') context.skip(opened)
    },
  }
}

async function openEngine<Engine>(packId: string, { open }: Opening<Engine>): Promise<Engine | string> {
  const missing = await missingTarball(packId)
  if (missing !== null) return missing
  const pack = await openPack({ packsFolder: MODELS, modelsFolder: join(MODELS, '.cache'), packId })
  const limits = { maxPixels: 50_000_000, maxFaces: 200 }
  return open({ pack, threads: 2, limits, observe: () => {} })
}
