import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { sizeOf } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inBase64 } from '../e2e/calls.ts'
import { readAlbums } from '../e2e/photos.ts'
import {
  type ClusterServers,
  type GatewayProcess,
  openServersForPhotos,
  startGateway,
  startWorker,
  type WorkerProcess,
} from '../servers/cluster.ts'
import { findSharedData } from '../servers/shared-data.ts'

const shared = findSharedData()
const servers = await openServersForPhotos('keyed requests in a cluster')

type Victim = 'gateway' | 'worker'
const ROUND: readonly Victim[] = ['gateway', 'worker']
const VICTIMS = sizeOf({ ci: ROUND, slow: [...ROUND, ...ROUND] })
const LONGEST_MS = 600
/** A client that obeys 503 is served within this time of whatever was killed. */
const HEAL_MS = 60_000

interface Told {
  readonly status: number
  readonly text: string
}

describe.skipIf('skipped' in servers)('a POST with an Idempotency-Key in a cluster', () => {
  const cluster = servers as ClusterServers
  const env = { ...cluster.env, SEMBLANCE_LOG_LEVEL: 'warn', SEMBLANCE_THREADS: '1' }
  let doomed: GatewayProcess
  let other: GatewayProcess
  let worker: WorkerProcess
  let portraits: Buffer[]
  let sitter: string

  /** Null if the gateway died before it answered. */
  async function post(gateway: GatewayProcess, { path, body, key }: Deed): Promise<Told | null> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    const sent = { method: 'POST', headers, body: JSON.stringify(body) }
    try {
      const answer = await fetch(`${gateway.url}/api${path}`, sent)
      return { status: answer.status, text: await answer.text() }
    } catch {
      return null
    }
  }

  /** Asks again as long as it is told to. */
  async function insist(deed: Deed): Promise<Told | null> {
    const until = performance.now() + HEAL_MS
    for (;;) {
      const told = await post(other, deed)
      if (told?.status !== 503 || performance.now() > until) return told
      await sleep(500)
    }
  }

  /** Resolves once it is dead; `done` once there is another in its place. */
  async function killAndRevive(victim: Victim): Promise<{ readonly done: Promise<void> }> {
    await (victim === 'gateway' ? doomed : worker).end('SIGKILL')
    const revive = async () => {
      if (victim === 'gateway') doomed = await startGateway(env)
      else worker = await startWorker(env)
    }
    return { done: revive() }
  }

  const read = async (path: string) =>
    (await (await fetch(`${other.url}/api${path}`)).json()) as { readonly items: readonly { name: string }[] }
  const idOf = async (path: string, body: object) =>
    JSON.parse((await insist({ path, body, key: randomUUID() }))!.text).id as string

  beforeAll(async () => {
    ;[doomed, other, worker] = await Promise.all([startGateway(env), startGateway(env), startWorker(env)])
    const albums = (await readAlbums(shared!)).slice(0, VICTIMS.length + 1)
    portraits = await Promise.all(albums.map(({ photos }) => readFile(photos[0]!)))
    sitter = await idOf('/persons', { name: 'Sitter' })
  }, 180_000)
  afterAll(async () => {
    await Promise.all([doomed, other, worker].map((one) => one?.end('SIGKILL')))
    await cluster.close()
  })

  it(
    'has one effect and one answer when its gateway or its worker is killed and another gateway is asked again',
    async () => {
      let unanswered = 0
      for (const [i, victim] of VICTIMS.entries()) {
        const name = `round ${i}, ${victim} killed`
        const group = await idOf('/groups', { name, metadata: {} })
        const deeds = deedsOf({ name, group, sitter, portrait: portraits[i + 1]!, again: portraits[0]! })
        const first = Promise.all(deeds.map((deed) => post(doomed, deed)))
        await sleep(Math.random() * LONGEST_MS)
        const reviving = await killAndRevive(victim)
        const after = await Promise.all(deeds.map(insist))
        const [before] = await Promise.all([first, reviving.done])
        unanswered += before.filter((told) => told === null || told.status === 503).length
        const again = await Promise.all(deeds.map(insist))
        for (const [n, told] of after.entries()) {
          const what = `${name}, ${deeds[n]?.path}`
          expect([200, 201], `${what}: ${told?.text}`).toContain(told?.status)
          expect(again[n], what).toEqual(told)
          const early = before[n]
          if (early !== null && early !== undefined && early.status < 500) expect(told, what).toEqual(early)
        }
        expect((await read(`/groups/${group}/persons?size=1000`)).items, name).toHaveLength(2)
        expect((await read(`/persons/${sitter}/images?size=1000`)).items, name).toHaveLength(i + 1)
      }
      console.log(
        `${VICTIMS.length} kills: ${unanswered} of ${3 * VICTIMS.length} requests not answered at first`,
      )
    },
    VICTIMS.length * 2 * HEAL_MS,
  )
})

interface Deed {
  readonly path: string
  readonly body: object
  readonly key: string
}

interface Round {
  readonly name: string
  readonly group: string
  readonly sitter: string
  readonly portrait: Buffer
  readonly again: Buffer
}

function deedsOf({ name, group, sitter, portrait, again }: Round): readonly Deed[] {
  const key = () => randomUUID()
  const search = { image: inBase64(portrait), groupIds: [group], createPerson: { name: 'New' } }
  return [
    { path: '/persons', body: { name, groups: [group] }, key: key() },
    { path: '/search', body: search, key: key() },
    { path: `/persons/${sitter}/images`, body: { image: inBase64(again) }, key: key() },
  ]
}
