import type { RequestListener, Server } from 'node:http'
import type { ApiDeps } from '../api-deps.ts'
import { createApi } from '../create-api.ts'
import { type ApiSettings, apiKeysOf, isLoopback, reachableUrl } from './api-config-of.ts'
import { createApiServer } from './api-server.ts'

/** Where the API is served, by the settings that say so. */
export interface ApiAddress {
  readonly SEMBLANCE_HOST: string
  /** 0 lets the system choose. */
  readonly SEMBLANCE_PORT: number
}

/** Resolves once the server listens; its faults name the setting to change. `libs/telemetry` has one. */
export type Listen = (
  server: Server,
  at: {
    readonly host: string
    readonly port: number
    readonly settings: { readonly host: string; readonly port: string }
  },
) => Promise<{ readonly port: number }>

export interface ServedApi {
  /** By which a person on this machine reaches it. */
  readonly url: string
  /** Answers what came by another port, by the same rules, such as which key is needed. */
  readonly answer: RequestListener
  /** Every answer ends its connection from now on, so that callers come to another server. */
  leave(): void
  /** No new connections; running requests may finish until the signal aborts. */
  close(waiting: { readonly signal: AbortSignal }): Promise<void>
}

/** The HTTP API of a gateway, or of standalone; listening once resolved. */
export async function serveApi(deps: ApiDeps, address: ApiAddress, listen: Listen): Promise<ServedApi> {
  const api = createApi(deps)
  const server = createApiServer(api, {
    onFault: (fault) => deps.logger.warn({ err: fault }, 'HTTP server'),
  })
  const { port } = await listen(server.http, {
    host: address.SEMBLANCE_HOST,
    port: address.SEMBLANCE_PORT,
    settings: { host: 'SEMBLANCE_HOST', port: 'SEMBLANCE_PORT' },
  })
  const url = reachableUrl(address.SEMBLANCE_HOST, port)
  return { url, answer: api, leave: server.leave, close: server.close }
}

/** A warning for whoever starts a server that everybody may call; null for one that is bound to this machine, or has keys. */
export function exposureWarning(
  settings: Pick<ApiSettings, 'SEMBLANCE_HOST' | 'SEMBLANCE_API_KEYS' | 'SEMBLANCE_DESCRIPTOR_KEYS'>,
): string | null {
  if (isLoopback(settings.SEMBLANCE_HOST) || apiKeysOf(settings).length > 0) return null
  return 'WARNING: reachable from other machines and open to everyone: set SEMBLANCE_API_KEYS.'
}
