import type { Clock } from '@semblance/core'
import type { QueueNames } from '../queue-names.ts'
import type { RedisLink } from '../redis/redis-link.ts'

export interface LivingGatewaysDeps {
  readonly link: RedisLink
  readonly names: QueueNames
  readonly clock: Pick<Clock, 'monotonic'>
}

/** What was seen counts for so long, so that a busy worker asks once for many jobs. */
const SEEN_COUNTS_MS = 500
/** More gateways than an installation has: each restart of one is another. */
const MOST_SEEN = 1_000

/** Which gateways give signs of life. Of one that does not, nobody waits for the jobs. */
export class LivingGateways {
  readonly #deps: LivingGatewaysDeps
  readonly #seen = new Map<string, { readonly isAlive: Promise<boolean>; readonly at: number }>()

  constructor(deps: LivingGatewaysDeps) {
    this.#deps = deps
  }

  /** True while it cannot be told: then the job is carried out, as its deadline allows. */
  isAlive(gateway: string): Promise<boolean> {
    const { link, names, clock } = this.#deps
    const now = clock.monotonic()
    const seen = this.#seen.get(gateway)
    if (seen !== undefined && now - seen.at < SEEN_COUNTS_MS) return seen.isAlive
    if (this.#seen.size >= MOST_SEEN) this.#seen.clear()
    const isAlive = link
      .call((redis) => redis.exists(names.gateway(gateway)))
      .then(
        (count) => count > 0,
        () => true,
      )
    this.#seen.set(gateway, { isAlive, at: now })
    return isAlive
  }
}
