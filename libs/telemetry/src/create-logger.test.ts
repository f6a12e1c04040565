import { describe, expect, test } from 'vitest'
import { createLogger, type LoggerOptions } from './create-logger.ts'

function aLogger(options: Partial<LoggerOptions> = {}) {
  const written: string[] = []
  const destination = { write: (line: string) => written.push(line) }
  const logger = createLogger({ level: 'info', destination, ...options })
  return { logger, written, lines: () => written.map((line) => JSON.parse(line)) }
}

describe('lines', () => {
  test('are JSON with an ISO time and the name of the level', () => {
    const { logger, lines } = aLogger({ base: { app: 'gateway' } })
    logger.info({ jobId: 'j1' }, 'done')
    const [line] = lines()
    expect(line).toMatchObject({ level: 'info', app: 'gateway', jobId: 'j1', msg: 'done', pid: process.pid })
    expect(new Date(line.time).toISOString()).toBe(line.time)
  })

  test('below the level are not written', () => {
    const { logger, written } = aLogger({ level: 'warn' })
    logger.info('quiet')
    expect(written).toEqual([])
  })
})

describe('what must not be told', () => {
  const SECRET = 'hunter2'

  test.each([
    'image',
    'content',
    'descriptor',
    'body',
    'metadata',
    'authorization',
    'x-api-key',
    'password',
  ])('%s is hidden at every depth that we write', (key) => {
    const { logger, written } = aLogger()
    logger.info({ [key]: SECRET }, 'a')
    logger.info({ request: { [key]: SECRET } }, 'b')
    logger.info({ job: { request: { [key]: SECRET } } }, 'c')
    logger.child({ [key]: SECRET }).info('d')
    expect(written).toHaveLength(4)
    expect(written.join()).not.toContain(SECRET)
  })

  test('pictures and descriptors are hidden by their form under any key', () => {
    const { logger, lines } = aLogger()
    const base64 = 'A'.repeat(5_000)
    const fields = {
      a: Buffer.from('jpeg'),
      b: new Float32Array(512),
      c: Array(512).fill(0.1),
      d: { e: base64 },
    }
    logger.info({ ...fields, f: new Uint8Array(3).buffer }, 'x')
    expect(lines()[0]).toMatchObject({
      a: '(bytes: 4)',
      b: '(bytes: 2048)',
      c: '(numbers: 512)',
      d: { e: '(text of 5000)' },
      f: '(bytes: 3)',
    })
  })

  test('a child of a child logger hides forms in its bindings, too', () => {
    const { logger, lines } = aLogger()
    logger
      .child({ a: 1 })
      .child({ face: new Float32Array(128) })
      .info('x')
    expect(lines()[0]).toMatchObject({ a: 1, face: '(bytes: 512)' })
  })

  test('a request shows method and path, but neither query, headers nor body', () => {
    const { logger, written, lines } = aLogger()
    const headers = { authorization: SECRET, host: SECRET }
    const req = {
      id: 'r1',
      method: 'GET',
      url: `/api/persons?name=${SECRET}`,
      headers,
      body: { image: SECRET },
    }
    logger.info({ req, res: { statusCode: 200, body: SECRET, headers } }, 'answered')
    expect(lines()[0].req).toEqual({ id: 'r1', method: 'GET', path: '/api/persons' })
    expect(lines()[0].res).toEqual({ statusCode: 200 })
    expect(written.join()).not.toContain(SECRET)
  })

  test('landmarks and other short numbers pass', () => {
    const { logger, lines } = aLogger()
    logger.info({ box: [1, 2, 3, 4] }, 'x')
    expect(lines()[0].box).toEqual([1, 2, 3, 4])
  })
})

describe('errors', () => {
  class AppErrorLike extends Error {
    readonly code = 'E_STORE_UNAVAILABLE'
    readonly retryable = true
    readonly context = { personId: 'p1', face: new Float32Array(4), tries: 3 }
    readonly input = { image: 'hunter2' }
  }

  test('show type, text, code, ids and causes, and nothing else that hangs on them', () => {
    const { logger, written, lines } = aLogger()
    const cause = Object.assign(new Error('socket closed'), { response: 'hunter2', code: 'ECONNRESET' })
    logger.error({ err: new AppErrorLike('store is away', { cause }) }, 'failed')
    expect(lines()[0].err).toMatchObject({
      message: 'store is away',
      code: 'E_STORE_UNAVAILABLE',
      retryable: true,
      context: { personId: 'p1', face: '(object)', tries: 3 },
      cause: { message: 'socket closed', code: 'ECONNRESET' },
    })
    expect(lines()[0].err.stack).toContain('store is away')
    expect(written.join()).not.toContain('hunter2')
  })

  test('logged alone give their message to the line', () => {
    const { logger, lines } = aLogger()
    logger.error(new Error('plain'))
    expect(lines()[0]).toMatchObject({ msg: 'plain', err: { message: 'plain' } })
  })

  test('are told under other keys, too', () => {
    const { logger, lines } = aLogger()
    logger.warn({ outcome: { reason: new Error('inner') } }, 'x')
    expect(lines()[0].outcome.reason.message).toBe('inner')
  })

  test('that cause themselves end', () => {
    const { logger, written } = aLogger()
    const circle = new Error('circle')
    circle.cause = circle
    logger.error({ err: circle }, 'x')
    expect(written).toHaveLength(1)
  })
})

test('no value makes a line fail', () => {
  const { logger, lines } = aLogger()
  const circle: Record<string, unknown> = { n: 10n, at: new Date(Number.NaN), map: new Map([[1, 2]]) }
  circle.self = circle
  const trap = Object.defineProperty({}, 'x', { enumerable: true, get: () => expect.fail('getter') })
  logger.info({ circle, trap, none: null, missing: undefined }, 'still here')
  expect(lines()[0]).toMatchObject({
    msg: 'still here',
    trap: { x: '(unreadable)' },
    circle: { n: '10', at: null },
  })
})
