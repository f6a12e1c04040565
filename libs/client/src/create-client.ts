import createClient, { type Client } from 'openapi-fetch'
import type { paths } from './description.ts'

export interface ClientOptions {
  /** Of the server, such as `http://127.0.0.1:41101`; left out, in a page: where the page comes from. */
  readonly baseUrl?: string
  /** Sent as `X-API-Key`. Leave it out in a page, where a session's cookie speaks for the caller. */
  readonly apiKey?: string
  /** Asked before each write: what the session wants to see beside its cookie, or null without a session. */
  readonly writeToken?: () => string | null
  /** Takes the place of the platform's own. */
  readonly fetch?: (request: Request) => Promise<Response>
}

export type SemblanceClient = Client<paths>

const READS = ['GET', 'HEAD']

/**
 * Every call of the server, typed from its own description.
 *
 * A call resolves with `data` or `error` and rejects only where no answer came; `answerOf` makes one value of it.
 */
export function createSemblanceClient(options: ClientOptions = {}): SemblanceClient {
  const { baseUrl, apiKey, writeToken, fetch } = options
  const client = createClient<paths>({
    ...(baseUrl === undefined ? {} : { baseUrl: baseUrl.replace(/\/+$/, '') }),
    ...(fetch === undefined ? {} : { fetch }),
    // The server reads `a=1&a=2`, as forms and links write it.
    querySerializer: { array: { style: 'form', explode: true } },
  })
  client.use({
    onRequest: ({ request }) => {
      if (apiKey !== undefined) request.headers.set('X-API-Key', apiKey)
      const token = READS.includes(request.method) ? null : (writeToken?.() ?? null)
      if (token !== null) request.headers.set('X-Semblance-Write-Token', token)
      return request
    },
  })
  return client
}
