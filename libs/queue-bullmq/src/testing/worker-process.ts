import { LANES } from '@semblance/core'

/** A worker in a process of its own, to be killed. Its argument is JSON. It prints a line for each `hang` that it begins. */
const given: {
  readonly redisUrl: string
  readonly prefix: string
  readonly lockMs: number
  /** How far its clock is off. */
  readonly skewMs: number
} = JSON.parse(process.argv[2] ?? '{}')

// The test's process holds the other end, so that this process ends with it, whatever becomes of it.
process.stdin.on('close', () => process.kill(process.pid, 'SIGKILL')).resume()

const realNow = Date.now
Date.now = () => realNow() + given.skewMs
const { openBullmqWorker } = await import('../consumer/open-bullmq-worker.ts')

await openBullmqWorker({
  ...given,
  lanes: LANES,
  concurrency: 1,
  clock: { now: () => Date.now(), monotonic: () => performance.now() },
  handlers: {
    hang: async () => {
      process.stdout.write('begun hang\n')
      await new Promise(() => {})
    },
    poison: async () => process.kill(process.pid, 'SIGKILL'),
    echo: async (payload) => payload,
  },
})
process.stdout.write('ready\n')
