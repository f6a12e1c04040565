import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  type ClusterServers,
  type GatewayProcess,
  openClusterServers,
  startGateway,
} from '../servers/cluster.ts'

const MONITOR = join(import.meta.dirname, '../servers/turn-monitor.mjs')
/** Of processor time, as in `event-loop.test.ts`. */
const LONGEST_TURN_MS = 150
const STRANGER = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'

const opened = await openClusterServers()
if ('skipped' in opened) console.warn(`skipped: the event loop of the gateway: ${opened.skipped}`)

/** No worker is needed: the gateway reads the bodies, and its answer is that nobody has this id. */
describe.skipIf('skipped' in opened)('the event loop of the gateway', () => {
  const servers = opened as ClusterServers
  let gateway: GatewayProcess

  beforeAll(async () => {
    const monitor = { TURN_MONITOR: '1', NODE_OPTIONS: `--import=${MONITOR}` }
    gateway = await startGateway({ ...servers.env, ...monitor, SEMBLANCE_LOG_LEVEL: 'warn' })
  }, 120_000)
  afterAll(async () => {
    await gateway?.end('SIGTERM')
    await servers.close()
  })

  const longestTurn = async () => {
    const seen = gateway.output().length
    gateway.process.kill('SIGUSR2')
    const line = () => /longest turn: ([\d.]+) ms/.exec(gateway.output().slice(seen))?.[1]
    await expect.poll(line).toBeDefined()
    return Number(line())
  }

  const post = async (path: string, body: string) => {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${gateway.url}/api${path}`, { method: 'POST', headers, body })
    await answer.text()
    return answer.status
  }

  const longestTurnOf = async (count: number, ask: () => Promise<number>) => {
    await ask()
    await longestTurn()
    const statuses = new Set(await Promise.all(Array.from({ length: count }, ask)))
    return { statuses, ms: await longestTurn() }
  }

  it('is not held up by ten bodies of 19 MB at once', async () => {
    const content = Buffer.alloc(14_000_000, 'no picture').toString('base64')
    const body = JSON.stringify({ image: { content } })
    const { statuses, ms } = await longestTurnOf(10, () => post(`/persons/${STRANGER}/images`, body))
    expect(statuses).toEqual(new Set([404]))
    expect(ms).toBeLessThan(LONGEST_TURN_MS)
  }, 120_000)

  it('is not held up by forty bodies at once whose metadata has thousands of keys', async () => {
    const metadata = Object.fromEntries(Array.from({ length: 6000 }, (_, i) => [`k${i}`, i % 10]))
    const body = JSON.stringify({ name: 'Ada', metadata })
    const { statuses, ms } = await longestTurnOf(40, () => post('/persons', body))
    // The database of the tests may take longer than a call waits.
    for (const status of statuses) expect([201, 503]).toContain(status)
    expect(statuses).toContain(201)
    expect(ms).toBeLessThan(LONGEST_TURN_MS)
  }, 120_000)
})
