import { randomUUID } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sizeOf } from '@semblance/testkit'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { inBase64 } from '../e2e/calls.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'

const shared = findSharedData()
const ROUNDS = Number(process.env.TEST_CRASH_ROUNDS ?? sizeOf({ ci: 3, slow: 20 }))
const ROUND_MS = 30_000
/** From hardly begun to long answered, ms. */
const LONGEST_MS = 700

interface Deed {
  readonly path: string
  readonly body: object
  readonly key: string
}

interface Told {
  readonly status: number
  readonly text: string
}

describe.skipIf(shared === null)('a POST with an Idempotency-Key whose server is killed', () => {
  let dataFolder: string
  let server: StandaloneServer
  let portraits: Buffer[]
  let sitter: string

  const start = async () => {
    server = await startStandaloneServer({ dataFolder, env: { SEMBLANCE_LOG_LEVEL: 'warn' } })
  }

  /** Null if the server died before it answered. */
  async function post({ path, body, key }: Deed): Promise<Told | null> {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key }
    const sent = { method: 'POST', headers, body: JSON.stringify(body) }
    try {
      const answer = await fetch(`${server.url}/api${path}`, sent)
      return { status: answer.status, text: await answer.text() }
    } catch {
      return null
    }
  }

  const read = async (path: string) =>
    (await (await fetch(`${server.url}/api${path}`)).json()) as {
      readonly items: readonly { name: string }[]
    }

  beforeAll(async () => {
    dataFolder = await mkdtemp(join(tmpdir(), 'semblance retries '))
    const folder = join(shared!, 'lfw-dev/images')
    const names = (await readdir(folder)).slice(0, ROUNDS + 1)
    portraits = await Promise.all(
      names.map(async (name) => {
        const [first] = await readdir(join(folder, name))
        return sharp(await readFile(join(folder, name, first!)))
          .jpeg()
          .toBuffer()
      }),
    )
    await start()
    const told = await post({ path: '/persons', body: { name: 'Sitter' }, key: 'sitter' })
    sitter = JSON.parse(told!.text).id
  })
  afterAll(async () => {
    await server?.kill()
    await rm(dataFolder, { recursive: true, force: true })
  })

  /** Everything of one round goes into a group of its own, where it is counted. */
  async function deedsOf(
    round: number,
  ): Promise<{ readonly group: string; readonly deeds: readonly Deed[] }> {
    const key = () => randomUUID()
    const name = `round ${round}`
    const told = await post({ path: '/groups', body: { name, metadata: {} }, key: key() })
    const group = JSON.parse(told!.text).id as string
    const portrait = inBase64(portraits[round]!)
    const deeds = [
      { path: '/persons', body: { name, groups: [group] }, key: key() },
      { path: '/groups', body: { name: `made in ${name}`, metadata: {} }, key: key() },
      {
        path: '/search',
        body: { image: portrait, groupIds: [group], createPerson: { name: 'New' } },
        key: key(),
      },
      { path: `/persons/${sitter}/images`, body: { image: inBase64(portraits[0]!) }, key: key() },
    ]
    return { group, deeds }
  }

  it(
    `has one effect and one answer, whatever the moment of the kill, in each of ${ROUNDS} rounds`,
    async () => {
      let unanswered = 0
      for (let round = 1; round <= ROUNDS; round++) {
        const { group, deeds } = await deedsOf(round)
        const first = Promise.all(deeds.map(post))
        await new Promise((resolve) => setTimeout(resolve, Math.random() * LONGEST_MS))
        await server.kill()
        const before = await first
        unanswered += before.filter((told) => told === null).length
        await start()
        const after = await Promise.all(deeds.map(post))
        const again = await Promise.all(deeds.map(post))
        for (const [i, told] of after.entries()) {
          const what = `round ${round}, ${deeds[i]?.path}`
          expect([200, 201], `${what}: ${told?.text}`).toContain(told?.status)
          expect(again[i], what).toEqual(told)
          if (before[i] !== null) expect(told, what).toEqual(before[i])
        }
        const members = await read(`/groups/${group}/persons?size=1000`)
        expect(members.items, `round ${round}`).toHaveLength(2)
        const groups = await read('/groups?size=1000')
        const made = groups.items.filter((one: { name: string }) => one.name === `made in round ${round}`)
        expect(made, `round ${round}`).toHaveLength(1)
        const images = await read(`/persons/${sitter}/images?size=1000`)
        expect(images.items, `round ${round}`).toHaveLength(round)
      }
      console.log(`${ROUNDS} kills: ${unanswered} of ${4 * ROUNDS} requests unanswered at first`)
    },
    ROUNDS * ROUND_MS,
  )
})
