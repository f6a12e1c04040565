import { Counter, Gauge, Histogram, type Registry } from 'prom-client'

/** What the API tells of its callers' fortunes. None of these throws. */
export interface ApiMetrics {
  /** A request was answered with an error of this `type`; few and fixed. */
  countRefusal(reason: string): void
  /** `found`, `nobody`, `created`, `no_face`; `distance`: of the nearest picture that was found, 0..2. */
  /** A request has come, or has ended: autoscalers of gateways go by it. */
  changeInFlight(by: 1 | -1): void
  observeSearch(search: { readonly outcome: string; readonly distance: number | null }): void
  /** How long a caller waits at most for a job, by lane; alerts compare with it what waits. */
  showDeadlines(seconds: Readonly<Record<string, number>>): void
}

/** The operating point is 1: most mated searches lie below it, and what lies right below it is worth a look. */
const DISTANCES = [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 1, 1.1, 1.25, 1.5, 2]
const UNAUTHORIZED = 'Unauthorized'

export function createApiMetrics(registry: Registry): ApiMetrics {
  const registers = [registry]
  const refusals = new Counter({
    name: 'semblance_refusals_total',
    help: 'Requests answered with an error, by the type in the answer.',
    labelNames: ['reason'],
    registers,
  })
  const failedAuthentications = new Counter({
    name: 'semblance_failed_authentications_total',
    help: 'Requests without a valid API key where one is needed.',
    registers,
  })
  const inFlight = new Gauge({
    name: 'semblance_open_requests',
    help: 'Requests that wait for their answer.',
    registers,
  })
  const searches = new Counter({
    name: 'semblance_searches_total',
    help: 'Searches made, by what came of them.',
    labelNames: ['outcome'],
    registers,
  })
  const distances = new Histogram({
    name: 'semblance_search_best_distance',
    help: 'Distance of the nearest picture, of searches that found somebody.',
    buckets: DISTANCES,
    registers,
  })
  const deadlines = new Gauge({
    name: 'semblance_deadline_seconds',
    help: 'How long a caller waits at most for a job of the lane.',
    labelNames: ['lane'],
    registers,
  })
  return {
    countRefusal: (reason) => {
      refusals.inc({ reason })
      if (reason === UNAUTHORIZED) failedAuthentications.inc()
    },
    changeInFlight: (by) => inFlight.inc(by),
    observeSearch: ({ outcome, distance }) => {
      searches.inc({ outcome })
      if (distance !== null && Number.isFinite(distance)) distances.observe(distance)
    },
    showDeadlines: (seconds) => {
      for (const [lane, limit] of Object.entries(seconds)) deadlines.set({ lane }, limit)
    },
  }
}
