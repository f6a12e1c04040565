import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { openTestApi, type TestApi, type TestApiOptions } from '../testing/open-test-api.ts'

let api: TestApi
async function open(options: TestApiOptions = {}): Promise<void> {
  api = await openTestApi(options)
}
afterEach(() => api.close())

const post = (raw: string | Uint8Array, headers: Record<string, string> = {}) =>
  api.ask('POST', '/api/persons', { raw, headers })

/** Sends bytes as they are and resolves with all that comes back until the server hangs up. */
async function sendRaw(text: string): Promise<string> {
  const { hostname, port } = new URL(api.url)
  const socket = connect(Number(port), hostname)
  socket.write(text)
  let answer = ''
  socket.on('data', (chunk) => {
    answer += chunk
  })
  await once(socket, 'close')
  return answer
}

describe('a body', () => {
  it.each([
    '{',
    '{"name":}',
    'null',
    '"x"',
    '5',
    '[]',
    '{"name":"x"} x',
    '',
    '   ',
  ])('that is %j answers 400 with the OperationLog', async (raw) => {
    await open()
    for (const path of ['/api/persons', '/api/search']) {
      const { status, json } = await api.ask('POST', path, { raw })
      expect(status).toBe(400)
      expect(json).toMatchObject({ statusCode: 400, type: 'BadParamsException' })
    }
  })

  it('is never quoted in the answer', async () => {
    await open()
    const { text } = await post('{"name":"Ada Lovelace", secret}')
    expect(text).not.toContain('secret')
    expect(JSON.stringify(api.logs)).not.toContain('Lovelace')
  })

  it('that came whole and is refused leaves nothing waiting on its connection', async () => {
    await open()
    const warnings: Error[] = []
    const note = (warning: Error) => warnings.push(warning)
    process.on('warning', note)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    for (let sent = 0; sent < 12; sent++) {
      const asking = request(`${api.url}/api/persons`, { agent, method: 'POST' }).end('['.repeat(500))
      const [response] = await once(asking, 'response')
      ports.add(asking.socket?.localPort)
      await once(response.resume(), 'end')
    }
    agent.destroy()
    process.off('warning', note)
    expect(ports.size).toBe(1)
    expect(warnings).toEqual([])
  })

  it('over the limit answers 413', async () => {
    await open({ config: { maxBodyBytes: 1000 } })
    const { status, json } = await post(JSON.stringify({ name: 'x'.repeat(2000) }))
    expect([status, json.type]).toEqual([413, 'BodyTooLarge'])
    expect((await post(JSON.stringify({ name: 'x'.repeat(900) }))).status).toBe(201)
  })

  it('refused before it has come leaves nothing that waits for it once its sender has gone', async () => {
    await open({ config: { maxBodyBytes: 1000, bodyTimeoutMs: 60_000 } })
    const { hostname, port } = new URL(api.url)
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length
    const before = timers()
    const senders = Array.from({ length: 20 }, async () => {
      const socket = connect(Number(port), hostname)
      socket.write('POST /api/persons HTTP/1.1\r\nHost: localhost\r\nContent-Length: 30000000\r\n\r\n')
      const [answer] = await once(socket, 'data')
      socket.destroy()
      return String(answer).slice(0, 12)
    })
    expect(new Set(await Promise.all(senders))).toEqual(new Set(['HTTP/1.1 413']))
    await expect.poll(timers).toBeLessThan(before + senders.length / 2)
  })

  it('nested too deeply or with too many values answers 400 before it is parsed', async () => {
    await open()
    for (const raw of ['['.repeat(5_000_000), '{"a":'.repeat(100_000), `{"x":[${'0,'.repeat(200_000)}0]}`]) {
      const { status, json } = await post(raw)
      expect([status, json.type]).toEqual([400, 'BadParamsException'])
      expect(json.msg).toMatch(/levels deep|values/)
    }
  })

  it('that is not UTF-8 answers 400', async () => {
    await open()
    const { status, json } = await post(Buffer.from('{"name":"\xff"}', 'latin1'))
    expect([status, json.msg]).toEqual([400, 'the body is not UTF-8'])
  })

  it('with a byte order mark is read', async () => {
    await open()
    expect((await post(Buffer.from('\ufeff{"name":"x"}'))).status).toBe(201)
  })

  it.each([
    [{ 'content-type': 'application/json' }, 201],
    [{ 'content-type': 'application/json; charset=utf-8' }, 201],
    [{ 'content-type': 'application/vnd.x+json;charset="UTF-8"' }, 201],
    [{ 'content-type': 'application/json; charset=utf8' }, 201],
    [{ 'content-type': 'application/json; charset=US-ASCII' }, 201],
    [{ 'content-type': 'application/json; charset="utf8"' }, 201],
    [{ 'content-type': 'text/plain' }, 415],
    [{ 'content-type': 'application/x-www-form-urlencoded' }, 415],
    [{ 'content-type': 'multipart/form-data; boundary=x' }, 415],
    [{ 'content-type': 'application/json; charset=utf-16' }, 415],
    [{ 'content-encoding': 'gzip' }, 415],
  ])('with %j answers %i', async (headers, expected) => {
    await open()
    const raw = 'content-encoding' in headers ? gzipSync('{"name":"x"}') : '{"name":"x"}'
    expect((await post(raw, headers as Record<string, string>)).status).toBe(expected)
  })

  it('without a type is read as JSON', async () => {
    await open()
    const head =
      'POST /api/persons HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 12\r\n\r\n'
    expect(await sendRaw(`${head}{"name":"x"}`)).toMatch(/^HTTP\/1.1 201 /)
  })

  it('that does not come answers 408 and hangs up', async () => {
    await open({ config: { bodyTimeoutMs: 50 } })
    const head =
      'POST /api/persons HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n'
    const answer = await sendRaw(`${head}{"name":`)
    expect(answer).toMatch(/^HTTP\/1.1 408 /)
    expect(answer).toContain('"type":"RequestTimeout"')
    expect(api.logs.filter(({ level }) => level !== 'info')).toEqual([])
  })

  it('that is still on its way when its time is over has its answer read by its sender', async () => {
    await open({ config: { bodyTimeoutMs: 2_000 } })
    const { hostname, port } = new URL(api.url)
    const socket = connect(Number(port), hostname)
    socket.write('POST /api/persons HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000000\r\n\r\n')
    const faults: Error[] = []
    socket.on('error', (fault) => faults.push(fault))
    // It reads once it has sent for a while, as many clients do.
    socket.pause()
    const sending = setInterval(() => socket.write(Buffer.alloc(1000, ' ')), 20)
    await new Promise((resolve) => setTimeout(resolve, 2_300))
    clearInterval(sending)
    const coming = once(socket, 'data')
    socket.resume()
    const [answer] = await coming
    expect([String(answer).slice(0, 12), faults]).toEqual(['HTTP/1.1 408', []])
    socket.destroy()
  })

  it('that would not fit beside the others answers 503, and the room is given back', async () => {
    await open({ config: { maxBodiesBytes: 1000 } })
    for (let i = 0; i < 3; i++) {
      const { status, headers, json } = await post(JSON.stringify({ name: 'x'.repeat(2000) }))
      expect([status, json.type, headers.get('retry-after')]).toEqual([503, 'E_OVERLOADED', '1'])
    }
    expect((await post('{"name":"x"}')).status).toBe(201)
  })

  it('that would not fit is refused by its announced length, before its first byte, and the connection lives on', async () => {
    await open({ config: { maxBodiesBytes: 1_000_000 } })
    const { hostname, port } = new URL(api.url)
    const socket = connect(Number(port), hostname)
    const head = 'POST /api/persons HTTP/1.1\r\nHost: localhost\r\nContent-Length: '
    socket.write(`${head}2000000\r\n\r\n`)
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toMatch(/^HTTP\/1.1 503 /)
    socket.write(Buffer.alloc(2_000_000, ' '))
    socket.write(`${head}12\r\n\r\n{"name":"x"}`)
    const [second] = await once(socket, 'data')
    expect(String(second)).toMatch(/^HTTP\/1.1 201 /)
    socket.destroy()
  })

  it('that comes without a length is refused once it does not fit any more', async () => {
    await open({ config: { maxBodiesBytes: 1_000_000 } })
    const stream = new Blob([Buffer.alloc(3_000_000, ' ')]).stream()
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: stream, duplex: 'half' }
    expect((await fetch(`${api.url}/api/persons`, init as RequestInit)).status).toBe(503)
    expect((await post('{"name":"x"}')).status).toBe(201)
  })

  it('that comes without a length counts by the memory that was taken for it', async () => {
    const maxBodyBytes = 4_000_000
    await open({ config: { maxBodyBytes, maxBodiesBytes: 2_500_000 } })
    // Memory for pictures is doubled as they come: 3 MB of it, when 2.1 MB of Base64 has come.
    const text = JSON.stringify({ image: { content: 'A'.repeat(2_100_000) } })
    const headers = { 'content-type': 'application/json' }
    const init = { method: 'POST', headers, body: new Blob([text]).stream(), duplex: 'half' }
    expect((await fetch(`${api.url}/api/search`, init as RequestInit)).status).toBe(503)
    expect((await post('{"name":"x"}')).status).toBe(201)
  })

  it('is small beside its pictures, or answers 413', async () => {
    await open()
    const { status, json } = await post(JSON.stringify({ name: 'x', metadata: { a: 'x'.repeat(1_100_000) } }))
    expect([status, json.type]).toEqual([413, 'BodyTooLarge'])
  })

  it('whose sender hangs up in the middle is no fault, and counts as 499', async () => {
    await open()
    const { hostname, port } = new URL(api.url)
    const socket = connect(Number(port), hostname)
    socket.write(
      'POST /api/persons HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"na',
    )
    await once(socket, 'connect')
    setImmediate(() => socket.destroy())
    await expect.poll(() => api.requests).toMatchObject([{ route: '/api/persons', status: 499 }])
    // It was in flight, and is no more.
    expect(api.inFlight).toEqual([0, 1, 0])
    expect(api.logs.map(({ level }) => level)).toEqual(['info'])
  })
})

describe('a body that waits for leave to come', () => {
  const head = (length: number) =>
    `POST /api/persons HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: ${length}\r\n\r\n`

  it('is not asked for when it is too large', async () => {
    await open({ config: { maxBodyBytes: 1_000 } })
    expect(await sendRaw(head(1_001))).toMatch(/^HTTP\/1\.1 413 /)
  })

  it('is asked for and read otherwise', async () => {
    await open()
    const body = '{"name":"Ada"}'
    const answer = await sendRaw(`${head(body.length)}${body}`)
    expect(answer).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 201 /)
  })
})

describe('large JSON texts', () => {
  const listed = (count: number, text: string) => Array.from({ length: count }, () => text).join(',')
  const named = (count: number, value: string) =>
    `{${Array.from({ length: count }, (_, index) => `"k${index}":${value}`).join(',')}}`

  it.each([
    [`{"name":"x","metadata":{"a":[${listed(10_001, '1')}]}}`, 'has more than 10000 values of metadata'],
    [`{"name":"x","metadat\\u0061":[${listed(10_001, '1')}]}`, 'has more than 10000 values of metadata'],
    [`{"createPerson":{"metadata":[${listed(10_001, '1')}]}}`, 'has more than 10000 values of metadata'],
    [`{"name":"x","metadata":${named(10_001, '1')}}`, 'has more than 10000 fields'],
    [named(5_001, '{"metadata":1}'), 'has more than 10000 fields'],
  ])('are refused by what they hold before they are parsed', async (raw, problem) => {
    await open()
    const parse = vi.spyOn(JSON, 'parse')
    const { hostname, port } = new URL(api.url)
    const { status, text } = await new Promise<{ status: number; text: string }>((resolve, reject) => {
      const headers = { 'content-type': 'application/json' }
      const call = request({ hostname, port, method: 'POST', path: '/api/persons', headers }, async (res) => {
        resolve({ status: res.statusCode ?? 0, text: (await res.toArray()).join('') })
      })
      call.on('error', reject)
      call.end(raw)
    })
    const longest = Math.max(0, ...parse.mock.calls.map(([json]) => json.length))
    parse.mockRestore()
    expect([status, JSON.parse(text).msg, longest < 100]).toEqual([400, `the body ${problem}`, true])
  })

  it('may hold as much as they are said to', async () => {
    await open()
    const ids = listed(20_000, '"x"')
    const raw = `{"name":"x","groupIds":[${ids}],"metadata":{"a":[${listed(9_990, '1.0')}]}}`
    expect((await post(raw)).status).toBe(201)
  })
})
