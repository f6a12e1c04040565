import { aRequest, STAY, TEST_CLOCK } from './a-queue.ts'

/** A gateway in a process of its own, to be killed. Its argument is JSON. It asks for jobs and prints `ready` once all are queued. */
const given: {
  readonly redisUrl: string
  readonly prefix: string
  readonly livesMs: number
  readonly jobs: number
  readonly preparesFirst: boolean
} = JSON.parse(process.argv[2] ?? '{}')

// The test's process holds the other end, so that this process ends with it, whatever becomes of it.
process.stdin.on('close', () => process.kill(process.pid, 'SIGKILL')).resume()

const { openBullmqJobQueue } = await import('../producer/open-bullmq-job-queue.ts')
const gateway = await openBullmqJobQueue({ ...given, gatewayId: 'dying', clock: TEST_CLOCK })
const request = aRequest({
  name: 'note',
  lane: 'bulk',
  deadlineMs: 300_000,
  preparesFirst: given.preparesFirst,
})
const queued = async () => {
  const { waiting, preparing, active } = (await gateway.scaling()).bulk
  return waiting + preparing + active
}
for (let i = 0; i < given.jobs; i++) void gateway.run(request, STAY)
while ((await queued()) < given.jobs) await new Promise((resolve) => setTimeout(resolve, 20))
process.stdout.write('ready\n')
