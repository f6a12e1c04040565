import type { Logger } from 'pino'
import type { KeepingMetrics } from './keeping-metrics.ts'

export interface ObservedDamage {
  readonly kind: string
  readonly id: string
  readonly why: string
}

/** More than this means a broken disk, not a broken record: they are counted no further, and the log says so. */
const MOST_REMEMBERED = 10_000
const MOST_NAMED = 100

/** Names each damaged record or picture once in the log, and counts: records by how many they are, pictures by reads. */
export function createDamageLog(deps: {
  readonly logger: Pick<Logger, 'error'>
  readonly metrics: KeepingMetrics
}): (damage: ObservedDamage) => void {
  const { logger, metrics } = deps
  const known = new Set<string>()
  const counts: Record<string, number> = {}
  return ({ kind, id, why }) => {
    if (kind === 'picture') metrics.countDamagedPicture()
    const key = `${kind} ${id}`
    if (known.has(key) || known.size >= MOST_REMEMBERED) return
    known.add(key)
    counts[kind] = (counts[kind] ?? 0) + 1
    if (kind !== 'picture') metrics.showRecordsSetAside({ [kind]: counts[kind] })
    if (known.size <= MOST_NAMED)
      logger.error(
        { kind, id, why },
        `${kind === 'image' ? 'an' : 'a'} ${kind} cannot be used and is passed over`,
      )
    if (known.size === MOST_NAMED) {
      logger.error(
        { named: MOST_NAMED },
        'more that cannot be used are not named here; semblance verify lists all',
      )
    }
  }
}
