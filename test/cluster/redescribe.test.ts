import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { sizeOf } from '@semblance/testkit'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answer, type Calls, callsTo, inBase64 } from '../e2e/calls.ts'
import {
  type ClusterServers,
  type GatewayProcess,
  openServersForPhotos,
  startGateway,
  startWorker,
  type WorkerProcess,
} from '../servers/cluster.ts'
import { spawnServerProcess } from '../servers/server-process.ts'
import { findSharedData } from '../servers/shared-data.ts'

const shared = findSharedData()
const servers = await openServersForPhotos('a cluster that moves to another pack')

/** Its networks are among those of the other pack, and its descriptors are made in little time. */
const FORMER = 'builtin-light@1'
const NEXT = 'builtin@2'
/** Persons with two images each that are there before. */
const BEFORE = sizeOf({ ci: 6, slow: 40 })
/** Kills while pictures are described; in the slow tier also around switches and drops, `ROUNDS` times. */
const KILLS = sizeOf({ ci: 2, slow: 8 })
const ROUNDS = sizeOf({ ci: 0, slow: 8 })
const LONGEST_MS = 4_000
const PATIENCE_MS = 300_000

/** One search, in the order of time; `distance` tells which pack answered. */
interface Seen {
  readonly begun: number
  readonly ended: number
  readonly status: number
  readonly distance: number | undefined
}

describe.skipIf('skipped' in servers)('a cluster that moves to another pack', () => {
  const cluster = servers as ClusterServers
  const env = {
    ...cluster.env,
    SEMBLANCE_LOG_LEVEL: 'warn',
    SEMBLANCE_THREADS: '1',
    SEMBLANCE_PACK: FORMER,
    SEMBLANCE_QDRANT_SHARDS: '2',
  }
  const gateways: GatewayProcess[] = []
  const workers: WorkerProcess[] = []
  let output = ''
  let pictures: readonly Buffer[]
  let probe: Buffer
  /** Acknowledged, and not deleted since. */
  const enrolled = new Map<string, string>()
  const deleted: string[] = []
  let oldest = ''
  let kills = 0

  beforeAll(async () => {
    const photo = (n: number) =>
      readFile(join(shared!, `lfw-dev/images/Abdullah_Gul/Abdullah_Gul_000${n}.jpg`)).then((bytes) =>
        sharp(bytes).resize(125).jpeg().toBuffer(),
      )
    pictures = await Promise.all([photo(1), photo(2)])
    probe = await photo(3)
    gateways.push(...(await Promise.all([startGateway(env), startGateway(env)])))
    workers.push(...(await Promise.all([startWorker(env), startWorker(env)])))
    for (let n = 0; n < BEFORE; n++) for (const picture of pictures) await enroll(picture)
    ;[oldest = ''] = enrolled.keys()
  }, PATIENCE_MS)
  afterAll(async () => {
    await Promise.all([...gateways, ...workers].map((one) => one.end('SIGKILL')))
    await cluster.close()
  })

  /** Insists as a client would while the gateway that it asks is dead, or a worker was. */
  async function ask(question: (calls: Calls, gateway: GatewayProcess) => Promise<Answer>): Promise<Answer> {
    const until = performance.now() + PATIENCE_MS
    for (let i = Math.floor(Math.random() * 2); ; i++) {
      const gateway = gateways[i % gateways.length]!
      const answer = await question(callsTo(gateway), gateway).catch(() => null)
      if (answer !== null && answer.status < 500) return answer
      if (performance.now() > until) throw new Error(`not answered: ${answer?.status}`)
      await sleep(100)
    }
  }
  const once = () => ({ 'idempotency-key': `key-${Math.random().toString(36).slice(2)}` })
  const post = (path: string, body?: object) => {
    const question = { method: 'POST', path: `/api${path}`, headers: once(), body }
    return ask((calls) => calls.send(question))
  }
  async function enroll(picture: Buffer): Promise<{ readonly faceQuality: number }> {
    const person = await post('/persons', { name: 'Ada' })
    expect(person.status, JSON.stringify(person.json)).toBe(201)
    const { status, json } = await post(`/persons/${person.json.id}/images`, {
      image: inBase64(picture),
    })
    expect(status, JSON.stringify(json)).toBe(200)
    enrolled.set(person.json.id, json.id)
    return json
  }
  /** Of the first one that was enrolled, and not deleted since: a copy of the first picture. */
  async function qualityOfOldest(): Promise<number> {
    const { json } = await ask((calls) => calls.ask('GET', `/persons/${oldest}/images`))
    return json.items[0].faceQuality
  }
  async function deleteOne(): Promise<void> {
    const [id] = [...enrolled.keys()].filter((one) => one !== oldest)
    if (id === undefined) return
    // A search for everybody must not meet somebody who is about to go.
    enrolled.delete(id)
    await ask((calls) => calls.ask('DELETE', `/persons/${id}`))
    deleted.push(id)
  }
  const state = async () => (await ask((calls) => calls.ask('GET', '/redescribe'))).json
  /** By the port for operators, where the API answers, too. */
  async function move(pack: string, fields: object = {}): Promise<string> {
    const call = { method: 'POST', path: '/ops/redescribe', headers: once(), body: { pack, ...fields } }
    const { status, json } = await ask((_, { opsUrl }) => callsTo({ url: opsUrl }).send(call))
    expect(status, JSON.stringify(json)).toBe(202)
    return json.id
  }
  async function untilEnded(id: string) {
    const look = async () => (await ask((calls) => calls.ask('GET', `/operations/${id}`))).json
    await expect
      .poll(async () => (await look()).endedAt, { timeout: PATIENCE_MS, interval: 200 })
      .toBeDefined()
    const ended = await look()
    expect(ended.state, JSON.stringify(ended)).toBe('done')
  }
  async function killOne(): Promise<void> {
    const [place, isWorker] = [Math.floor(kills / 2) % 2, kills % 2 === 0]
    kills++
    if (isWorker) {
      await workers[place]!.end('SIGKILL')
      output += workers[place]!.output()
      workers[place] = await startWorker(env)
      return
    }
    const { url } = gateways[place]!
    await gateways[place]!.end('SIGKILL')
    output += gateways[place]!.output()
    gateways[place] = await startGateway(env, { port: Number(new URL(url).port) })
  }
  /** Enrolls and deletes until told to stop. */
  async function write(isOver: () => boolean): Promise<void> {
    for (let n = 0; !isOver(); n++) {
      await enroll(pictures[n % 2]!)
      if (n % 4 === 3) await deleteOne()
    }
  }
  async function during<T>(
    besides: readonly ((isOver: () => boolean) => Promise<void>)[],
    work: () => Promise<T>,
  ): Promise<T> {
    let isOver = false
    const running = Promise.all(besides.map((one) => one(() => isOver)))
    try {
      return await work()
    } finally {
      isOver = true
      await running
    }
  }
  function searchInto(seen: Seen[], url: string) {
    return async (isOver: () => boolean) => {
      while (!isOver()) {
        const begun = performance.now()
        const { status, json } = await callsTo({ url }).search(probe)
        const distance = json?.persons?.[0]?.images?.[0]?.distance
        seen.push({ begun, ended: performance.now(), status, distance })
      }
    }
  }
  const distanceNow = async () => {
    const { json } = await ask((calls) => calls.search(probe))
    return json.persons[0].images[0].distance as number
  }
  /** By both packs: whoever was acknowledged is there, nobody who was deleted, and store and index agree. */
  async function expectWhole(): Promise<void> {
    for (const [id, imageId] of enrolled) {
      const { json } = await ask((calls) => calls.ask('GET', `/persons/${id}/images`))
      expect(json.items.map((image: { readonly id: string }) => image.id)).toEqual([imageId])
    }
    for (const id of deleted)
      expect((await ask((calls) => calls.ask('GET', `/persons/${id}`))).status).toBe(404)
    // What nobody was told of is described within minutes.
    await expect
      .poll(async () => (await state()).lacking, { timeout: PATIENCE_MS, interval: 1_000 })
      .toSatisfy((lacking) => lacking === 0 || lacking === null)
    await expect.poll(verifyIndex, { timeout: PATIENCE_MS, interval: 5_000 }).toBe('0 0 0')
  }
  async function verifyIndex(): Promise<string> {
    const verify = spawnServerProcess('cli', env, ['index', 'verify', '--json'])
    await new Promise((resolve) => verify.process.once('close', resolve))
    const line = verify
      .output()
      .split('\n')
      .find((one) => one.startsWith('{"command"'))
    const { missing, surplus, stale } = JSON.parse(line ?? '{"result":{}}').result
    return `${missing} ${surplus} ${stale}`
  }
  const collections = async () => {
    const { result } = (await (await fetch(`${cluster.qdrant.url}/collections`)).json()) as {
      readonly result: { readonly collections: readonly { readonly name: string }[] }
    }
    return result.collections.filter(({ name }) => name.startsWith(`${cluster.env.SEMBLANCE_NAME}-`)).length
  }

  it(
    'describes everything beside the pack that serves, whichever process is killed, and with what is written meanwhile',
    async () => {
      const id = await during([write], async () => {
        const begun = await move(NEXT, { switch: false })
        for (let n = 0; n < KILLS; n++) {
          await sleep(Math.random() * LONGEST_MS)
          await killOne()
        }
        return begun
      })
      await untilEnded(id)
      const { serving, other, undescribed, workersWithout, operation } = await state()
      expect([serving, other, undescribed, workersWithout]).toEqual([FORMER, NEXT, 0, 0])
      expect(operation.found).toMatchObject({ held: 'not-asked', undescribed: 0 })
      expect(operation.found.comparison.after.rank1).toBe(operation.found.comparison.mated)
      await expectWhole()
    },
    PATIENCE_MS,
  )

  it(
    'switches, and goes back, at one moment under searches through every gateway: none fails, none mixes packs',
    async () => {
      const former = await distanceNow()
      const seen: Seen[] = []
      const asks = gateways.map(({ url }) => searchInto(seen, url))
      const moments = await during(asks, async () => {
        await sleep(1_500)
        const sent = performance.now()
        const { status, json } = await post('/redescribe/switch', {})
        const switched = performance.now()
        expect([status, json.serving, json.other], JSON.stringify(json)).toEqual([200, NEXT, FORMER])
        await sleep(1_500)
        return { sent, switched }
      })
      const next = await distanceNow()
      expect(Math.abs(next - former)).toBeGreaterThan(0.01)
      expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([200]))
      const isOf = (one: Seen, distance: number) => Math.abs((one.distance ?? 9) - distance) < 0.005
      for (const one of seen) expect(isOf(one, former) || isOf(one, next), JSON.stringify(one)).toBe(true)
      for (const one of seen.filter(({ ended }) => ended < moments.sent)) expect(isOf(one, former)).toBe(true)
      for (const one of seen.filter(({ begun }) => begun > moments.switched))
        expect(isOf(one, next)).toBe(true)
      // Whoever saw the new pack's answer, through whichever gateway, never gets the former one's again.
      const firstOfNext = Math.min(...seen.filter((one) => isOf(one, next)).map(({ ended }) => ended))
      for (const one of seen.filter(({ begun }) => begun > firstOfNext)) expect(isOf(one, next)).toBe(true)
      const { faceQuality } = await enroll(pictures[0]!)
      expect(await qualityOfOldest()).toBe(faceQuality)
      expect((await post('/redescribe/switch', {})).json.serving).toBe(FORMER)
      expect(await distanceNow()).toBeCloseTo(former, 2)
      expect(await qualityOfOldest()).not.toBe(faceQuality)
      expect((await post('/redescribe/switch', {})).json.serving).toBe(NEXT)
      expect(await distanceNow()).toBeCloseTo(next, 2)
    },
    PATIENCE_MS,
  )

  it(
    'drops the former pack: from the workers, the store and the index',
    async () => {
      const seen: Seen[] = []
      const asks = gateways.map(({ url }) => searchInto(seen, url))
      await during([...asks, write], async () => {
        const { status, json } = await post('/redescribe/drop')
        expect([status, json.serving, json.other], JSON.stringify(json)).toEqual([200, NEXT, null])
        await expect.poll(collections, { timeout: PATIENCE_MS, interval: 500 }).toBe(1)
      })
      expect(new Set(seen.map(({ status }) => status))).toEqual(new Set([200]))
      await expectWhole()
      expect((await post('/redescribe/switch', {})).status).toBe(409)
    },
    PATIENCE_MS,
  )

  const inSlowTier = ROUNDS > 0 ? it : it.skip
  inSlowTier(
    'goes there and back whenever a process is killed',
    async () => {
      for (let round = 0; round < ROUNDS; round++) {
        const pack = (await state()).serving === NEXT ? FORMER : NEXT
        const id = await during([write], async () => {
          const begun = await move(pack)
          for (let n = 0; n < 4; n++) {
            await sleep(Math.random() * LONGEST_MS)
            await killOne()
          }
          return begun
        })
        await untilEnded(id)
        expect((await state()).serving).toBe(pack)
        await expectWhole()
        if (round % 2 === 1) {
          await post('/redescribe/drop')
          await sleep(Math.random() * LONGEST_MS)
          await killOne()
          await expect.poll(collections, { timeout: PATIENCE_MS, interval: 500 }).toBe(1)
        }
      }
      console.log(`${kills} kills, ${enrolled.size} persons there, ${deleted.length} deleted`)
      expect(output).not.toMatch(/"level":"(error|fatal)"/)
    },
    ROUNDS * PATIENCE_MS,
  )
})
