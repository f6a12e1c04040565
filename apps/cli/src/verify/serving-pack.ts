import { type PackSummary, readPackSummary } from '@semblance/cluster'
import type { PackId } from '@semblance/core'

export interface PackSettings {
  readonly SEMBLANCE_PACKS: string
  readonly SEMBLANCE_PACK: string
}

/** Of a gallery that was moved, its own pack counts; where that is not at hand, or it has none yet, the one of the settings. */
export async function servingPack(settings: PackSettings, serving: PackId | null): Promise<PackSummary> {
  const configured = () => readPackSummary(settings.SEMBLANCE_PACKS, settings.SEMBLANCE_PACK)
  return serving === null
    ? configured()
    : readPackSummary(settings.SEMBLANCE_PACKS, serving).catch(configured)
}
