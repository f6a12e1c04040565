import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, it } from 'vitest'
import { WireClient } from '../server/wire-client.ts'
import { ImportCalls } from './import-calls.ts'

const closers: (() => void)[] = []
afterEach(() => {
  for (const close of closers.splice(0)) close()
})

const POLICIES = { faces: 'central', quality: [], samePicture: 'skip', samePerson: 'off', onConflict: 'keep' }

/** As the server tells of it; only the oldest one has not ended. */
function answerOf(number: number, oldest: number) {
  return {
    ...{ id: `import-${number}`, name: '/photos', groups: [], trustDescriptors: false, dryRun: false },
    ...POLICIES,
    state: number === oldest ? 'paused' : 'done',
    takesRows: number === oldest,
    createdAt: '2026-11-29T12:00:00.000Z',
    rows: { total: 0, waiting: 0, underWay: 0, ended: 0, byOutcome: {} },
    progress: { rowsPerSecondLately: null, etaSeconds: null, waitsFor: null },
  }
}

/** Serves so many imports, newest first, in pages; tells which were asked for. */
async function serverWith(count: number) {
  const asked: string[] = []
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '', 'http://server')
    asked.push(`${url.pathname}${url.search}`)
    const from = Number(url.searchParams.get('cursor')?.replace('after ', '') ?? 0)
    const to = Math.min(count, from + Number(url.searchParams.get('size')))
    const items = Array.from({ length: to - from }, (_, i) => answerOf(from + i, count - 1))
    const page = to < count ? { items, nextCursor: `after ${to}` } : { items }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(page))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(() => server.close())
  const client = new WireClient({
    ...{ name: 'the server', keyOption: '--key-file', key: null },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    signal: new AbortController().signal,
    now: () => 0,
    random: () => 0,
    wait: async () => {},
  })
  return { asked, calls: new ImportCalls(client) }
}

it('an import that has not ended is found behind any number that came later', async () => {
  const { asked, calls } = await serverWith(250)
  expect((await calls.listUnended()).map(({ id, state }) => [id, state])).toEqual([['import-249', 'paused']])
  expect(asked).toHaveLength(3)
  expect(asked[1]).toContain('cursor=after%20100')
})
