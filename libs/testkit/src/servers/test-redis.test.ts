import { connect } from 'node:net'
import { expect, it } from 'vitest'
import { openTestRedis } from './test-servers.ts'

const own = await openTestRedis({ own: true })
if ('skipped' in own) process.stdout.write(`test-redis.test.ts is skipped: ${own.skipped}\n`)

it.skipIf('skipped' in own)('keeps what was written over a kill, and is gone after close', async () => {
  if ('skipped' in own) return
  const port = Number(new URL(own.url).port)
  expect(await ask(port, 'SET a 1')).toBe('+OK')
  await expect.poll(() => ask(port, 'INFO persistence')).toMatch(/aof_pending_bio_fsync:0/)
  await own.kill()
  await expect(ask(port, 'GET a')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await own.restart()
  expect(await ask(port, 'GET a')).toBe('$1\r\n1')
  await own.close()
  await expect(ask(port, 'GET a')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
})

function ask(port: number, command: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1', () => socket.write(`${command}\r\n`))
    socket.once('error', reject)
    socket.once('data', (chunk) => {
      socket.destroy()
      resolve(String(chunk).trim())
    })
  })
}
