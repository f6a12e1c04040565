import { isIP, type LookupFunction, Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import type { buildConnector } from 'undici'
import type { LinkTarget } from './link-rules.ts'
import { isPublicAddress } from './public-address.ts'

/**
 * Opens a TCP connection to one of these addresses, and to no other: nothing asks the name server again. The socket's
 * errors have a listener from the first moment, so that one that the kernel refuses at once ends nothing but itself.
 */
export type Dial = (target: LinkTarget, addresses: readonly string[]) => Socket

export const dialPinned: Dial = ({ host, port }, addresses) => {
  const pinned = addresses.map((address) => ({ address, family: isIP(address) }))
  // Node connects within this call-back, and what the kernel refuses at once then fails before `connect` has returned.
  const lookup: LookupFunction = (_host, { all }, done) =>
    setImmediate(() => {
      const [first] = pinned
      if (first === undefined) done(new Error('no address'), '')
      else if (all) done(null, pinned)
      else done(null, first.address, first.family)
    })
  return new Socket().on('error', ignore).connect({ host, port, lookup, autoSelectFamily: true })
}

/** undici's way to a socket: dials, looks at who really answered, and lets go as soon as the signal aborts. */
export function guardedConnector(open: () => Socket, target: LinkTarget, signal: AbortSignal) {
  const connector: buildConnector.connector = (_options, callback) => {
    connectGuarded(open(), target, signal).then(
      (socket) => callback(null, socket),
      (fault: Error) => callback(fault, null),
    )
  }
  return connector
}

/** The socket leads to an address that was never checked: a bug in the pinning, caught before a byte is sent. */
export class PeerNotAllowed extends Error {}

async function connectGuarded(plain: Socket, target: LinkTarget, signal: AbortSignal): Promise<Socket> {
  const letGo = () => plain.destroy(new Error('given up'))
  if (signal.aborted) letGo()
  signal.addEventListener('abort', letGo, { once: true })
  plain.once('close', () => signal.removeEventListener('abort', letGo))
  try {
    await untilEvent(plain, 'connect')
    if (!isPeerAllowed(target, plain)) throw new PeerNotAllowed()
    return target.isSecure ? await encrypt(plain, target) : plain
  } catch (fault) {
    plain.destroy()
    throw fault
  }
}

/**
 * TLS over a connection that stands: `tls.connect` that dials by itself throws half-way for what the kernel refuses at
 * once, and leaves a socket behind whose error nobody can listen for.
 */
async function encrypt(plain: Socket, { host }: LinkTarget): Promise<Socket> {
  // TLS forbids addresses as server names; explicit verification, so that no environment variable can switch it off.
  const servername = isIP(host) === 0 ? host : ''
  const options = { socket: plain, host, servername, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] }
  const secure = connectSecure(options)
  plain.once('close', () => secure.destroy())
  await untilEvent(secure, 'secureConnect')
  return secure
}

/** Resolves at the event; rejects with the socket's error, or if it is closed before. The error has a listener for good. */
function untilEvent(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.on('error', reject)
    socket.once('close', () => reject(new Error('closed before it was connected')))
    socket.once(event, () => resolve())
  })
}

function ignore(): void {
  // Whoever waits for the socket hears of it; see `untilEvent`.
}

function isPeerAllowed(target: LinkTarget, socket: Socket): boolean {
  return target.isAllowListed || isPublicAddress(socket.remoteAddress ?? '')
}
