import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { spawnServerProcess } from '../servers/server-process.ts'

const made = {
  ...{
    id: 'import-1',
    name: 'photos',
    state: 'open',
    takesRows: true,
    createdAt: '2026-11-30T12:00:00.000Z',
  },
  ...{
    groups: [],
    faces: 'central',
    quality: [],
    samePicture: 'skip',
    samePerson: 'off',
    onConflict: 'keep',
  },
  ...{ trustDescriptors: false, dryRun: false },
  rows: { total: 0, waiting: 0, underWay: 0, ended: 0, byOutcome: {} },
  progress: { rowsPerSecondLately: null, etaSeconds: null, waitsFor: null },
}

/** What becomes of a request once the import is made. */
type Fate = 'cut' | 'gone'

/** Makes an import, and answers nothing more about it. */
async function startServer(fate: Fate) {
  const sending = Promise.withResolvers<void>()
  const server = createServer((req, res) => {
    req.resume()
    const { pathname } = new URL(req.url ?? '', 'http://server')
    const answer = (status: number, body: object) =>
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (pathname === '/api/imports') {
      if (req.method === 'GET') answer(200, { items: [] })
      else answer(201, made)
      return
    }
    if (pathname.endsWith('/rows')) {
      sending.resolve()
      // A server that is away: the command tries on.
      req.socket.destroy()
    } else if (fate === 'cut') req.socket.destroy()
    else
      answer(404, { statusCode: 404, type: 'ImportNotFound', msg: 'there is no such import', metadata: {} })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    server,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sending: sending.promise,
  }
}

let folder: string
let server: Server | null
beforeEach(async () => {
  server = null
  folder = await mkdtemp(join(tmpdir(), 'semblance stopped import '))
  await mkdir(join(folder, 'Ada'))
  await writeFile(join(folder, 'Ada/1.jpg'), Buffer.from('ffd8ffe000104a46494600010100000100010000', 'hex'))
})
afterEach(async () => {
  server?.closeAllConnections()
  server?.close()
  await rm(folder, { recursive: true, force: true })
})

/** The command, stopped by Ctrl-C while it sends rows. */
async function stopped(fate: Fate) {
  const stub = await startServer(fate)
  server = stub.server
  const command = spawnServerProcess('cli', { SEMBLANCE_URL: stub.url }, ['import', folder, '--json'])
  const ended = once(command.process, 'close')
  await stub.sending
  command.process.kill('SIGINT')
  const [code] = await ended
  const lines = command.output().split('\n')
  const result = lines.find((line) => line.startsWith('{'))
  return { code, output: command.output(), result: result === undefined ? null : JSON.parse(result) }
}

describe('semblance import that is stopped', () => {
  it.each<[string, Fate, string]>([
    ['while its server is away', 'cut', 'could not be paused'],
    ['and was deleted meanwhile', 'gone', 'The import import-1 is not there any more.'],
  ])(
    '%s says so, and ends as after any Ctrl-C',
    async (_when, fate, told) => {
      const { code, output, result } = await stopped(fate)
      expect(code, output).toBe(130)
      expect(output).toContain(told)
      expect(output).not.toMatch(/^\s+at /m)
      expect(result).toEqual({ command: 'import', exitCode: 130, fault: 'stopped' })
      // The command tried for two minutes before that.
    },
    60_000,
  )
})
