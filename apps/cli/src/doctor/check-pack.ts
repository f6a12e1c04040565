import { AppError, type PackId } from '@semblance/core'
import { type Finding, fine, note, reasonOf, wrong } from './finding.ts'

export interface PackSettings {
  readonly SEMBLANCE_PACKS: string
  readonly SEMBLANCE_PACK: string
  readonly SEMBLANCE_MODELS: string
}

const PART = 'model pack'

/**
 * The model pack that the gallery goes by, or that it gets if it is new: its manifest, and each network by its checksum.
 * @param serving null: there is no gallery yet, or nobody can tell
 */
export async function checkPack(
  settings: PackSettings,
  serving: PackId | null,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const {
    SEMBLANCE_PACKS: packsFolder,
    SEMBLANCE_PACK: configured,
    SEMBLANCE_MODELS: modelsFolder,
  } = settings
  const packId = serving ?? configured
  try {
    const { findPackId, inspectPack } = await import('@semblance/engine')
    const files = await inspectPack({ packsFolder, packId, modelsFolder, signal })
    const damaged = files.filter(({ state }) => state === 'damaged')
    if (damaged.length > 0)
      return damaged.map(({ file, why }) =>
        wrong(PART, why ?? file, 'delete that file; the next start makes it again'),
      )
    const apart = serving === null ? [] : checkApart(serving, await findPackId(packsFolder, configured))
    return [judgeMissing(packId, files), ...apart]
  } catch (fault) {
    signal.throwIfAborted()
    const advice =
      fault instanceof AppError ? 'set SEMBLANCE_PACKS and SEMBLANCE_PACK' : 'look at the folder of the pack'
    return [wrong(PART, reasonOf(fault), advice)]
  }
}

interface FileState {
  readonly state: string
  readonly why: string | null
}

function judgeMissing(packId: string, files: readonly FileState[]): Finding {
  const missing = files.filter(({ state }) => state === 'missing')
  if (missing.length === 0) return fine(PART, `${packId}: ${files.length} networks are whole`)
  const what = `${packId}: ${missing.length} of ${files.length} networks are not compiled yet`
  const why = missing.find((file) => file.why !== null)?.why ?? null
  return why === null
    ? note(PART, what, 'the next start does it')
    : wrong(PART, `${what}, and ${why}`, `make the image with --build-arg MORE_PACKS=${packId}`)
}

/** As after an upgrade whose default is a newer pack: the gallery serves on. */
function checkApart(serving: PackId, configured: PackId): readonly Finding[] {
  if (serving === configured) return []
  const what = `the gallery is of ${serving}, and goes on with it; new galleries get ${configured}`
  const advice = `semblance redescribe --pack ${configured} moves it while it serves; to stay, set SEMBLANCE_PACK=${serving}`
  return [note(PART, what, advice)]
}
