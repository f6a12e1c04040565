import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, expect, it, vi } from 'vitest'
import { semblanceProgram } from '../program.ts'
import { EXIT } from './exit-codes.ts'

const NOBODY = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e77'
const ADA = '01936a5c-7e1d-7c3a-9f52-6d0a4b1c8e78'

type Answer = readonly [status: number, body: object]

let server: Server
let answerOf: (asked: string) => Answer

beforeEach(async () => {
  server = createServer((req, res) => {
    const [status, body] = answerOf(`${req.method} ${req.url}`)
    res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})
afterEach(async () => {
  vi.restoreAllMocks()
  vi.unstubAllEnvs()
  process.exitCode = undefined
  server.closeAllConnections()
  server.close()
  await once(server, 'close')
})

/** Runs a command against the server of this test. */
async function run(...args: readonly string[]) {
  const said: string[] = []
  // Node warns of what other tests have left in this process.
  const isOfNode = (text: string) => text.startsWith('(node:')
  for (const stream of [process.stdout, process.stderr])
    vi.spyOn(stream, 'write').mockImplementation(
      (text) => isOfNode(String(text)) || said.push(String(text)) > 0,
    )
  vi.stubEnv('SEMBLANCE_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
  const program = await semblanceProgram(args)
  await program.parseAsync(args, { from: 'user' })
  vi.restoreAllMocks()
  return { code: process.exitCode, said: said.join('') }
}

const refusal = (statusCode: number, type: string): Answer => [statusCode, { statusCode, type, msg: type }]

it('of a deletion is that of wrong use where an id is none, wherever it stands', async () => {
  answerOf = (asked) => {
    if (asked.endsWith(ADA)) return [200, {}]
    return asked.endsWith(NOBODY) ? refusal(404, 'PersonNotFound') : refusal(400, 'BadParamsException')
  }
  const codeOf = async (...ids: readonly string[]) => (await run('persons', 'delete', ...ids)).code
  expect(await codeOf(ADA)).toBe(EXIT.fine)
  expect(await codeOf(ADA, NOBODY)).toBe(EXIT.found)
  expect(await codeOf('nonsense')).toBe(EXIT.wrongUse)
  expect(await codeOf('nonsense', ADA, NOBODY)).toBe(EXIT.wrongUse)
})

it.each([
  'all.tar.gz',
  'all.zip',
])('of an export to %s is that of wrong use, and nothing is asked', async (file) => {
  answerOf = () => {
    throw new Error('asked')
  }
  const { code, said } = await run('export', file)
  expect([code, said]).toEqual([EXIT.wrongUse, expect.stringContaining('would be no such archive')])
})

it('of a backup in a cluster is that of wrong use, and the order of the steps is told', async () => {
  vi.stubEnv('SEMBLANCE_MONGO_URL', 'mongodb://127.0.0.1:1')
  const { code, said } = await run('backup', 'nowhere')
  expect(code).toBe(EXIT.wrongUse)
  expect(said).toMatch(/stop all.*bring back both.*index rebuild.*verify.*only then start.*docs\/cluster\.md/)
})

it('comes once the rows of an import are given back that only stood in the queue', async () => {
  const rowsOf = (underWay: number) => ({
    total: 131,
    waiting: 103 - underWay,
    underWay,
    ended: 28,
    byOutcome: {},
  })
  const underWay = [103, 103, 2, 0]
  const asked: string[] = []
  answerOf = (call) => {
    asked.push(call)
    return [200, importWith(rowsOf(underWay.shift() ?? 0))]
  }
  const { code, said } = await run('imports', 'pause', 'ID')
  expect([code, said]).toEqual([EXIT.fine, 'Import "photos" is paused: 28 of 131 rows have ended.\n'])
  expect(asked).toEqual(['POST /api/imports/ID/pause', ...Array(3).fill('GET /api/imports/ID')])
})

function importWith(rows: object) {
  return {
    ...{ id: 'ID', name: 'photos', state: 'paused', takesRows: false, faces: 'one', quality: [] },
    ...{ samePicture: 'skip', samePerson: 'off', onConflict: 'keep', trustDescriptors: false },
    ...{ dryRun: false, groups: [], createdAt: '2026-11-24T09:30:00.000Z', rows },
    progress: { rowsPerSecondLately: null, etaSeconds: null, waitsFor: null },
  }
}
