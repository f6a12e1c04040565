import { type AvailabilityWait, untilAvailable } from '@semblance/cluster'
import { type Clock, orAborted, queueUnavailable } from '@semblance/core'
import { createJobHandlers, type JobDeps, jobConcurrency } from '@semblance/jobs'
import {
  type BullmqWorker,
  type LargePictures,
  openBullmqWorker,
  openRedisPicturesInFlight,
  RedisLog,
} from '@semblance/queue-bullmq'
import { createSayWaiting, type Logger, type Metrics } from '@semblance/telemetry'
import type { WorkerConfig } from './config.ts'

/** The life of a picture that a worker would put in flight. Gateways do so, with a time of their own. */
const PICTURE_TTL_MS = 120_000

export interface ConsumeOptions {
  readonly config: WorkerConfig
  readonly logger: AvailabilityWait['logger'] & Pick<Logger, 'error'>
  readonly metrics: Metrics
  readonly clock: Clock
  /** No job is taken before the stores are there: it would only fail. */
  readonly storesOpened: Promise<void>
  readonly largeInFlight: LargePictures
  readonly jobs: Omit<JobDeps, 'inFlight'>
  /** The model packs that are loaded now. */
  readonly packs: () => readonly string[]
  /** Those of them whose networks answer to no picture now. */
  readonly deadPacks: () => readonly string[]
}

export interface Consuming {
  /** Resolves once jobs are taken. */
  readonly opened: Promise<void>
  /** Rejects unless jobs are being taken now. */
  check(): Promise<void>
  /** Takes no more, finishes what runs, hands back what does not finish in time. */
  close(): Promise<void>
}

/** Takes jobs off the queue from the moment when all servers are there. */
export function consumeJobs(options: ConsumeOptions): Consuming {
  const stopping = new AbortController()
  const resources = new AsyncDisposableStack()
  let worker: BullmqWorker | null = null
  const open = async () => {
    // The stores are closed after us: a process that stops while it waits for their servers must not wait for them here.
    await orAborted(options.storesOpened, stopping.signal)
    worker = await openConsumer(options, stopping.signal, resources)
  }
  const opened = open()
  // Awaited by whoever opened the worker; a failure before that is not to end the process.
  opened.catch(() => {})
  return {
    opened,
    check: async () => {
      if (worker === null) throw queueUnavailable(new Error('no jobs are taken yet'))
      await worker.check()
    },
    close: async () => {
      stopping.abort(new Error('the worker is stopping'))
      await Promise.allSettled([opened])
      await resources.disposeAsync()
    },
  }
}

async function openConsumer(
  options: ConsumeOptions,
  signal: AbortSignal,
  resources: AsyncDisposableStack,
): Promise<BullmqWorker> {
  const { config, logger, metrics, clock, jobs } = options
  let opened: BullmqWorker | null = null
  const check = async () => {
    if (opened === null) throw queueUnavailable(new Error('there is no connection yet'))
    await opened.check()
  }
  const log = new RedisLog({ logger, check, onWaiting: createSayWaiting() })
  resources.defer(() => log.close())
  const { onFault } = log
  const redis = { redisUrl: config.SEMBLANCE_REDIS_URL, prefix: config.SEMBLANCE_NAME, onFault }
  const wait = { what: 'Redis', signal, logger }
  const inFlight = await untilAvailable(
    () =>
      openRedisPicturesInFlight({
        ...redis,
        maxBytes: config.SEMBLANCE_IN_FLIGHT_BYTES,
        large: options.largeInFlight,
        ttlMs: PICTURE_TTL_MS,
      }),
    wait,
  )
  resources.defer(() => inFlight.close())
  const worker = await untilAvailable(
    () =>
      openBullmqWorker({
        ...redis,
        lanes: config.SEMBLANCE_WORKER_LANES,
        handlers: createJobHandlers({ ...jobs, inFlight }),
        ...jobConcurrency(config.SEMBLANCE_THREADS),
        packs: options.packs,
        deadPacks: options.deadPacks,
        clock,
        onUnexpected: (fault, job) => {
          logger.error({ err: fault, ...job }, 'job failed')
          metrics.countUnexpected('job')
        },
        observe: ({ job, outcome, waitedMs, ranMs }) =>
          metrics.observeJob({ name: job, outcome, waitSeconds: waitedMs / 1000, runSeconds: ranMs / 1000 }),
      }),
    wait,
  )
  opened = worker
  resources.defer(() => worker.close({ signal: AbortSignal.timeout(config.SEMBLANCE_DRAIN_MS) }))
  return worker
}
