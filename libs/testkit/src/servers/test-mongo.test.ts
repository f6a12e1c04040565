import { Socket } from 'node:net'
import { afterAll, describe, expect, it } from 'vitest'
import { openTestMongo } from './test-servers.ts'

const mongo = await openTestMongo({ own: true })
if ('skipped' in mongo) process.stdout.write(`test-mongo.test.ts is skipped: ${mongo.skipped}\n`)

describe.skipIf('skipped' in mongo)('a Mongo server of the test', () => {
  if ('skipped' in mongo) return
  afterAll(() => mongo.close())
  const port = Number(new URL(mongo.url).port)

  it('accepts connections, no longer when killed, and again after a restart', async () => {
    expect(await accepts(port)).toBe(true)
    await mongo.kill()
    expect(await accepts(port)).toBe(false)
    await mongo.restart()
    expect(await accepts(port)).toBe(true)
  })

  it('is not stopped by a test that shares it', async () => {
    const before = process.env.TEST_MONGO_URL
    process.env.TEST_MONGO_URL = mongo.url
    const shared = await openTestMongo()
    if (before === undefined) delete process.env.TEST_MONGO_URL
    else process.env.TEST_MONGO_URL = before
    if ('skipped' in shared) throw new Error(shared.skipped)
    expect(shared.url).toBe(mongo.url)
    expect(() => shared.kill()).toThrow('not ours to stop')
    await shared.close()
    expect(await accepts(port)).toBe(true)
  })
})

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = new Socket()
    socket.once('connect', () => resolve(true))
    socket.once('error', () => resolve(false))
    socket.once('connect', () => socket.destroy())
    socket.connect(port, '127.0.0.1')
  })
}
