import { findMissingPictures, repeatPass, type TidiedPictures, tidyPictures } from '@semblance/core'
import type { Logger, Metrics } from '@semblance/telemetry'
import type { LocalStores } from './local-stores.ts'

const DAY_MS = 86_400_000
/** A picture is written after its record, so one without has none; an hour is for whoever copies files in. */
const UNTOUCHED_MS = 3_600_000

export interface PictureKeeping {
  readonly gallery: LocalStores
  readonly metrics: Metrics
  readonly logger: Logger
  /** Pictures without a record stay aside for so long. */
  readonly setAsideDays: number
}

/** Brings pictures and records together at the start and once a day, and tells what does not belong together. */
export function startKeepingPictures(keeping: PictureKeeping): { stop(): Promise<void> } {
  const { logger } = keeping
  const stopping = new AbortController()
  const onFault = (fault: unknown) => logger.warn({ err: fault }, 'pictures and records were not compared')
  const first = keepOnce(keeping, { untouchedMs: 0, signal: stopping.signal }).catch((fault) => {
    if (!stopping.signal.aborted) onFault(fault)
  })
  const daily = repeatPass((waiting) => keepOnce(keeping, { untouchedMs: UNTOUCHED_MS, ...waiting }), {
    everyMs: DAY_MS,
    onFault,
  })
  return {
    stop: async () => {
      stopping.abort(new Error('the server is stopping'))
      await Promise.all([first, daily.stop()])
    },
  }
}

async function keepOnce(
  { gallery, metrics, logger, setAsideDays }: PictureKeeping,
  options: { readonly untouchedMs: number; readonly signal?: AbortSignal | undefined },
): Promise<void> {
  const tidied = await tidyPictures(gallery, { ...options, keepMs: setAsideDays * DAY_MS })
  metrics.showPicturesSetAside(tidied.kept)
  tellTidied(logger, tidied)
  const missing = await findMissingPictures(gallery, options)
  metrics.showPicturesMissing(missing.count)
  if (missing.count > 0)
    logger.warn({ count: missing.count, ids: missing.ids }, 'images without their picture')
}

function tellTidied(logger: Logger, { kept, ...moved }: TidiedPictures): void {
  if (moved.setAside > 0) logger.warn({ ...moved, kept }, 'set aside pictures without a record')
  else if (moved.erased + moved.restored + moved.expired > 0)
    logger.info({ ...moved, kept }, 'tidied pictures')
  else if (kept > 0) logger.warn({ kept }, 'pictures without a record are kept aside')
}
