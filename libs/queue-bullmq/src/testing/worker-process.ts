import { LANES } from '@semblance/core'

/** A worker of its own process, to be killed. Its one argument is JSON; it prints a line for each job that it begins. */
const given: {
  readonly redisUrl: string
  readonly prefix: string
  readonly lockMs: number
  /** How wrong its clock is. */
  readonly skewMs: number
} = JSON.parse(process.argv[2] ?? '{}')

// The test's process holds the other end: whatever becomes of it, we end with it.
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
