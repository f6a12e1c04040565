import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** A server's address through which it is slow: whatever is sent comes `delayMs` later, in either direction. */
export interface SlowWire {
  readonly port: number
  /** From the next bytes on. */
  delayMs: number
  close(): Promise<void>
}

export async function openSlowWire(target: { readonly port: number }): Promise<SlowWire> {
  const sockets = new Set<Socket>()
  const wire = { port: 0, delayMs: 0, close }
  const keep = (socket: Socket) => {
    sockets.add(socket)
    socket.setNoDelay(true)
    // Whoever is at the other end is told by the end of its own socket.
    socket.on('error', () => {})
    socket.on('close', () => sockets.delete(socket))
    return socket
  }
  const pass = (from: Socket, to: Socket) => {
    let passed: Promise<unknown> = Promise.resolve()
    // In the order they came, also when the delay gets shorter.
    const later = (act: () => void) => {
      const delay = sleep(wire.delayMs)
      passed = passed.then(() => delay).then(act)
    }
    from.on('data', (bytes) => later(() => to.write(bytes)))
    from.on('close', () => later(() => to.destroy()))
  }
  const server = createServer((client) => {
    const backend = keep(connect(target.port, '127.0.0.1'))
    pass(keep(client), backend)
    pass(backend, client)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  wire.port = (server.address() as AddressInfo).port
  return wire

  async function close(): Promise<void> {
    for (const socket of sockets) socket.destroy()
    server.close()
    await once(server, 'close')
  }
}
