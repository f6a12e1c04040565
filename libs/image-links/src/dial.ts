import { connect as connectPlain, isIP, type LookupFunction, type Socket } from 'node:net'
import { connect as connectSecure } from 'node:tls'
import type { buildConnector } from 'undici'
import type { LinkTarget } from './link-rules.ts'
import { isPublicAddress } from './public-address.ts'

/** Opens a socket to one of these addresses, and to no other: nothing asks the name server again. */
export type Dial = (target: LinkTarget, addresses: readonly string[]) => Socket

export const dialPinned: Dial = (target, addresses) => {
  const { host, port } = target
  const pinned = addresses.map((address) => ({ address, family: isIP(address) }))
  const lookup: LookupFunction = (_host, { all }, done) => {
    const [first] = pinned
    if (first === undefined) done(new Error('no address'), '')
    else if (all) done(null, pinned)
    else done(null, first.address, first.family)
  }
  const place = { host, port, lookup, autoSelectFamily: true }
  if (!target.isSecure) return connectPlain(place)
  // TLS forbids addresses as server names; explicit verification, so that no environment variable can switch it off.
  const servername = isIP(host) === 0 ? host : ''
  return connectSecure({ ...place, servername, rejectUnauthorized: true, ALPNProtocols: ['http/1.1'] })
}

/** undici's way to a socket: dials, looks at who really answered, and lets go as soon as the signal aborts. */
export function guardedConnector(open: () => Socket, target: LinkTarget, signal: AbortSignal) {
  const connector: buildConnector.connector = (_options, callback) => {
    const socket = open()
    const letGo = () => socket.destroy(new Error('given up'))
    if (signal.aborted) letGo()
    signal.addEventListener('abort', letGo, { once: true })
    socket.once('close', () => signal.removeEventListener('abort', letGo))
    let isSettled = false
    const settle = (error: Error | null) => {
      if (isSettled) return
      isSettled = true
      if (error === null) callback(null, socket)
      else callback(error, null)
    }
    socket.on('error', settle)
    socket.once(target.isSecure ? 'secureConnect' : 'connect', () => {
      if (isPeerAllowed(target, socket)) settle(null)
      else socket.destroy(new PeerNotAllowed())
    })
  }
  return connector
}

/** The socket leads to an address that was never checked: a bug in the pinning, caught before a byte is sent. */
export class PeerNotAllowed extends Error {}

function isPeerAllowed(target: LinkTarget, socket: Socket): boolean {
  return target.isAllowListed || isPublicAddress(socket.remoteAddress ?? '')
}
