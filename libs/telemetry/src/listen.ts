import { once } from 'node:events'
import type { AddressInfo, Server } from 'node:net'

/** An address to listen at, and the settings that say so. */
export interface ListenAt {
  readonly host: string
  /** 0 lets the system choose. */
  readonly port: number
  readonly settings: { readonly host: string; readonly port: string }
}

/** The server cannot listen there; `runProcess` tells it in one line. */
class ListenError extends Error {
  override readonly name = 'ListenError'
}

/** Resolves with the address once the server listens. Throws a ListenError that names the setting to change. */
export async function listen(server: Server, at: ListenAt): Promise<AddressInfo> {
  const listening = once(server, 'listening')
  server.listen(at.port, at.host)
  try {
    await listening
  } catch (cause) {
    throw new ListenError(explain(cause, at), { cause })
  }
  return server.address() as AddressInfo
}

function explain(cause: unknown, { host, port, settings }: ListenAt): string {
  const place = host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
  const { code, message } = cause as NodeJS.ErrnoException
  switch (code) {
    case 'EADDRINUSE':
      return `another program listens at ${place} already; stop it, or set ${settings.port} to another port`
    case 'EACCES':
      return `this user may not listen at ${place}; set ${settings.port} to a port above 1023`
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `${host} is no address of this machine (${code}); set ${settings.host} to one, or to 0.0.0.0 for all`
    default:
      return `cannot listen at ${place} (${message}); see ${settings.host} and ${settings.port}`
  }
}
