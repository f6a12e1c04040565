import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:net'

/** Of them the system gives none to an outgoing connection, nor to who listens on port 0, unless it is set otherwise. */
const FIRST = 12_000
const LAST = 31_999
/** Fewer than these would come round too soon. */
const FEWEST = 2_000
/** Processes that begin one after the other draw from places so far apart. */
const APART = 97

let drawn = 0

/**
 * So many ports of the loopback that nobody listens on. A process gets none a second time before it has had them all, so that
 * a server that was killed finds its own one free when it starts again.
 */
export async function freePorts(count: number): Promise<readonly number[]> {
  const { first, last } = await portsToDraw()
  const size = last - first + 1
  const ports: number[] = []
  for (let tries = 0; tries < size && ports.length < count; tries++) {
    const port = first + ((process.pid * APART + drawn++) % size)
    if (await isFree(port)) ports.push(port)
  }
  if (ports.length < count) throw new Error('no free port')
  return ports
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1)
  if (port === undefined) throw new Error('no free port')
  return port
}

/**
 * Below those that the system takes from itself, where it says which they are: one of these may be gone between the moment
 * in which it was found free and the one in which a server listens on it.
 */
async function portsToDraw(): Promise<{ readonly first: number; readonly last: number }> {
  const text = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8').catch(() => '')
  return { first: FIRST, last: lastBelow(text) }
}

/** `range`: the first and the last port that the system takes; empty if it does not say. */
export function lastBelow(range: string): number {
  const below = Number(/^\d+/.exec(range)?.[0] ?? LAST + 1) - 1
  // Nearly every port may be one of them; then there are no better ones.
  return below < FIRST + FEWEST ? LAST : Math.min(below, LAST)
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer()
  try {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EADDRINUSE' || code === 'EACCES') return false
    throw error
  }
  server.close()
  await once(server, 'close')
  return true
}
