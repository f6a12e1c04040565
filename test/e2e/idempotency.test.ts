import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { availableShapes, type Installation, startInstallation } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import { inBase64 } from './calls.ts'
import { readAlbums } from './photos.ts'

const shared = findSharedData()
const AT_ONCE = 20

describe.skipIf(shared === null).each(await availableShapes())(
  'a POST sent again with its Idempotency-Key, %s',
  (shape) => {
    let server: Installation
    let portraits: Buffer[]

    beforeAll(async () => {
      server = await startInstallation(shape)
      const albums = (await readAlbums(shared!)).slice(0, 3)
      portraits = await Promise.all(albums.map(({ photos }) => readFile(photos[0]!)))
    }, 180_000)
    afterAll(async () => {
      await server?.close()
    })

    async function post(path: string, body: object, key: string) {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key }
      const sent = { method: 'POST', headers, body: JSON.stringify(body) }
      const answer = await fetch(`${server.url}/api${path}`, sent)
      const { status } = answer
      return { status, text: await answer.text(), isReplay: answer.headers.has('idempotency-replayed') }
    }

    const read = async (path: string) =>
      (await (await fetch(`${server.url}/api${path}`)).json()) as {
        readonly items: readonly { name: string }[]
      }

    async function makeGroup(name: string): Promise<string> {
      return JSON.parse((await post('/groups', { name, metadata: {} }, randomUUID())).text).id
    }

    it(`has one effect and one body, ${AT_ONCE} times at once and once more`, async () => {
      const group = await makeGroup('At once')
      const sitter = JSON.parse((await post('/persons', { name: 'Sitter' }, randomUUID())).text).id
      const deeds: [string, object][] = [
        ['/persons', { name: 'Ada', groups: [group] }],
        ['/search', { image: inBase64(portraits[1]!), groupIds: [group], createPerson: { name: 'New' } }],
        [`/persons/${sitter}/images`, { image: inBase64(portraits[2]!) }],
      ]
      for (const [path, body] of deeds) {
        const key = randomUUID()
        const answers = await Promise.all(Array.from({ length: AT_ONCE }, () => post(path, body, key)))
        answers.push(await post(path, body, key))
        expect(new Set(answers.map(({ text }) => text)).size, path).toBe(1)
        expect(new Set(answers.map(({ status }) => status)).size, path).toBe(1)
        expect([200, 201], path).toContain(answers[0]?.status)
        expect(
          answers.filter(({ isReplay }) => !isReplay),
          path,
        ).toHaveLength(1)
      }
      expect((await read(`/groups/${group}/persons`)).items).toHaveLength(2)
      expect((await read(`/persons/${sitter}/images`)).items).toHaveLength(1)
    })

    it('is refused with another body', async () => {
      const key = randomUUID()
      expect((await post('/persons', { name: 'Ada' }, key)).status).toBe(201)
      const { status, text } = await post('/persons', { name: 'Grace' }, key)
      expect([status, JSON.parse(text).type]).toEqual([422, 'IdempotencyKeyReused'])
    })
  },
)
