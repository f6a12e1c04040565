import { AppError } from '@semblance/core'
import { type Finding, fine, note, reasonOf, wrong } from './finding.ts'

export interface PackSettings {
  readonly SEMBLANCE_PACKS: string
  readonly SEMBLANCE_PACK: string
  readonly SEMBLANCE_MODELS: string
}

/** The model pack: its manifest, and each network by its checksum. */
export async function checkPack(settings: PackSettings, signal: AbortSignal): Promise<readonly Finding[]> {
  const { SEMBLANCE_PACKS: packsFolder, SEMBLANCE_PACK: packId, SEMBLANCE_MODELS: modelsFolder } = settings
  const part = 'model pack'
  try {
    const { inspectPack } = await import('@semblance/engine')
    const files = await inspectPack({ packsFolder, packId, modelsFolder, signal })
    const damaged = files.filter(({ state }) => state === 'damaged')
    if (damaged.length > 0)
      return damaged.map(({ file, why }) =>
        wrong(part, why ?? file, 'delete that file; the next start makes it again'),
      )
    const missing = files.filter(({ state }) => state === 'missing').length
    if (missing === 0) return [fine(part, `${packId}: ${files.length} networks are whole`)]
    return [
      note(
        part,
        `${packId}: ${missing} of ${files.length} networks are not compiled yet`,
        'the next start does it',
      ),
    ]
  } catch (fault) {
    signal.throwIfAborted()
    const advice =
      fault instanceof AppError ? 'set SEMBLANCE_PACKS and SEMBLANCE_PACK' : 'look at the folder of the pack'
    return [wrong(part, reasonOf(fault), advice)]
  }
}
