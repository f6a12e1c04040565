import { engineOptionsOf } from '@semblance/config'
import {
  AppError,
  type DescriptorKind,
  type FaceEngine,
  type GalleryPacks,
  notePacksApart,
  type PackId,
  packMissing,
  tracedStages,
} from '@semblance/core'
import {
  countingFaces,
  type EngineDeath,
  findPackId,
  type OnnxFaceEngine,
  openOnnxFaceEngine,
  openPack,
  type PackProgress,
} from '@semblance/engine'
import type { Logger, Metrics } from '@semblance/telemetry'
import type { StandaloneConfig } from './config.ts'

/** A pack whose networks are being loaded. */
export interface OpeningPack extends DescriptorKind {
  readonly engine: Promise<FaceEngine>
  /** Gives back the networks' memory; more than once is fine. */
  close(): Promise<void>
}

export interface PackOpener {
  /** The id of a pack by its name. Throws E_PACK_INVALID. */
  identify(name: string): Promise<PackId>
  /** Its files are there and whole once this resolves; its networks come later. Throws E_PACK_INVALID. */
  open(packId: PackId): Promise<OpeningPack>
  /**
   * Those that the gallery needs, the serving one first: whatever was written down of it goes before the setting. Throws
   * E_PACK_MISMATCH if that one is not at hand.
   */
  openAll(recorded: GalleryPacks | null): Promise<readonly [OpeningPack, ...OpeningPack[]]>
  /** Throws E_ENGINE_FAILED if the networks of this pack answer to no picture. */
  check(packId: PackId): void
  /** What an operator should know of the packs of this gallery, in words; as they were at the start. */
  readonly notes: readonly string[]
}

export interface PackOpenerDeps {
  readonly config: StandaloneConfig
  readonly metrics: Metrics
  readonly logger: Logger
  readonly onPackProgress: (progress: PackProgress) => void
  readonly onThreadDeath: (cause: unknown) => void
  readonly onDead: (death: EngineDeath) => void
}

/** Opens the packs that a gallery has, each with networks of its own. */
export function createPackOpener(deps: PackOpenerDeps): PackOpener {
  const { config, metrics } = deps
  const folders = { packsFolder: config.SEMBLANCE_PACKS, modelsFolder: config.SEMBLANCE_MODELS }
  const loaded = new Set<OnnxFaceEngine>()
  const notes: string[] = []
  metrics.setDecodingLoad(() => {
    const loads = [...loaded].map(({ decodingLoad }) => decodingLoad)
    const sum = (of: 'pictures' | 'bytes') => loads.reduce((all, load) => all + load[of], 0)
    return { pictures: sum('pictures'), bytes: sum('bytes') }
  })
  const identify = (name: string) => findPackId(folders.packsFolder, name)
  const open = async (packId: PackId): Promise<OpeningPack> => {
    const pack = await openPack({ ...folders, packId, onProgress: deps.onPackProgress })
    const engine = openEngine(deps, pack).then((opened) => {
      loaded.add(opened)
      return opened
    })
    // Whoever opens the gallery awaits it a little later.
    engine.catch(() => {})
    const close = async () => {
      const opened = await engine.catch(() => null)
      if (opened === null) return
      loaded.delete(opened)
      await opened.close()
    }
    let closing: Promise<void> | null = null
    return {
      packId,
      dimensions: pack.manifest.descriptorLength,
      engine: engine.then((opened) => countingFaces(opened, metrics)),
      close: () => {
        closing ??= close()
        return closing
      },
    }
  }
  const openAll: PackOpener['openAll'] = async (recorded) => {
    const configured = await identify(config.SEMBLANCE_PACK)
    const { serving, other } = recorded ?? { serving: configured, other: null }
    const first = await openServing({ open, configured }, serving)
    const second = other === null ? null : await openOther({ ...deps, open, notes }, other)
    const apart = notePacksApart({ serving, other }, configured)
    if (apart !== null) notes.push(apart)
    for (const note of notes) deps.logger.warn({ pack: serving, configured }, note)
    return second === null ? [first] : [first, second]
  }
  const check = (packId: PackId) => {
    for (const engine of loaded) if (engine.packId === packId) engine.check()
  }
  return { identify, open, openAll, check, notes }
}

type Open = PackOpener['open']

async function openServing(
  { open, configured }: { readonly open: Open; readonly configured: PackId },
  serving: PackId,
): Promise<OpeningPack> {
  try {
    return await open(serving)
  } catch (fault) {
    const isMissing = fault instanceof AppError && fault.code === 'E_PACK_INVALID'
    throw isMissing && serving !== configured ? packMissing(serving, fault) : fault
  }
}

/** Without it the gallery serves all the same. */
async function openOther(
  { open, logger, notes }: Pick<PackOpenerDeps, 'logger'> & { readonly open: Open; readonly notes: string[] },
  other: PackId,
): Promise<OpeningPack | null> {
  try {
    return await open(other)
  } catch (fault) {
    if (!(fault instanceof AppError && fault.code === 'E_PACK_INVALID')) throw fault
    logger.warn({ err: fault }, 'the other pack of the gallery cannot be used')
    notes.push(
      `This gallery has descriptors of ${other} as well, and that pack cannot be used here (${fault.message}): new pictures get none of it.`,
    )
    return null
  }
}

async function openEngine(
  { config, metrics, logger, onThreadDeath, onDead }: PackOpenerDeps,
  pack: Awaited<ReturnType<typeof openPack>>,
): Promise<OnnxFaceEngine> {
  return openOnnxFaceEngine({
    pack,
    ...engineOptionsOf(config),
    observe: tracedStages(metrics.observeStage),
    onWarning: (message) => logger.warn({}, message),
    onThreadDeath,
    onDead,
  })
}
