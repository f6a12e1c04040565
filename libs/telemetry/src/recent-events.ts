import type { Metrics } from './metrics.ts'
import { type RecentFault, RecentFaults } from './recent-faults.ts'
import { type RecentTime, RecentTimes } from './recent-times.ts'

/** What was of late in this process, for whoever looks at it now. */
export interface RecentEvents {
  recent(): { readonly times: readonly RecentTime[]; readonly faults: readonly RecentFault[] }
}

/** Long enough for a few searches of a quiet installation, short enough to be of now. */
const RECENT_MS = 300_000

/** The same metrics, which remember the last minutes as well. */
export function rememberingRecent<Events extends Pick<Metrics, Noted>>(
  metrics: Events,
): Events & RecentEvents {
  const [times, faults] = [new RecentTimes(RECENT_MS), new RecentFaults()]
  const noted: Pick<Metrics, Noted> = {
    observeRequest: (request) => {
      metrics.observeRequest(request)
      times.add('request', `${request.method} ${request.route}`, request.seconds)
    },
    observeStage: (stage, seconds) => {
      metrics.observeStage(stage, seconds)
      times.add('stage', stage, seconds)
    },
    observeJob: (job) => {
      metrics.observeJob(job)
      times.add('wait', job.name, job.waitSeconds)
      times.add('run', job.name, job.runSeconds)
      if (isFaultOfOurs(job.outcome)) faults.add(job.outcome, 'job')
    },
    countUnexpected: (where) => {
      metrics.countUnexpected(where)
      faults.add('unexpected', where)
    },
    countRefusal: (reason) => {
      metrics.countRefusal(reason)
      if (isFaultOfOurs(reason)) faults.add(reason, 'request')
    },
  }
  return { ...metrics, ...noted, recent: () => ({ times: times.read(), faults: faults.read() }) }
}

type Noted = 'observeRequest' | 'observeStage' | 'observeJob' | 'countUnexpected' | 'countRefusal'

/** Of the ends of jobs and the types of answered errors; the other errors are the caller's. */
function isFaultOfOurs(type: string): boolean {
  return type.startsWith('E_') || type === 'InternalError'
}
