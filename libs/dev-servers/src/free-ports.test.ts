import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { freePort, freePorts, lastBelow } from './free-ports.ts'

describe('free ports', () => {
  it.runIf(process.platform === 'linux')('are none that the system may give to somebody else', async () => {
    const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8')
    const [begin = 0, end = 0] = range.trim().split(/\s+/).map(Number)
    const last = lastBelow(range)
    // On a system that takes all of them from itself, there are no others.
    const taken = (await freePorts(50)).filter((port) => port >= begin && port <= end && last < begin)
    expect(taken).toEqual([])
  })

  it('differ, also from those of earlier calls', async () => {
    const ports = [...(await freePorts(20)), await freePort(), ...(await freePorts(20))]
    expect(new Set(ports).size).toBe(41)
  })

  it('are none on which somebody listens', async () => {
    const next = (await freePort()) + 1
    const server = createServer().listen(next, '127.0.0.1')
    onTestFinished(() => void server.close())
    // Where this fails, somebody else listens there.
    await once(server, 'listening').catch(() => {})
    expect(await freePorts(5)).not.toContain(next)
  })

  it.each([
    ['32768\t60999\n', 31_999],
    ['20000\t60999\n', 19_999],
    ['1024\t65535\n', 31_999],
    ['', 31_999],
  ])('end where the system says that its own begin: %j', (range, last) => {
    expect(lastBelow(range)).toBe(last)
  })
})
