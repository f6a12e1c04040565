import { AppError, type LinkOutcome, orAborted } from '@semblance/core'
import { GoogleAuth } from 'google-auth-library'
import { Client } from 'undici'
import {
  type Fetching,
  fetchWhole,
  type LinkSource,
  type Opened,
  type Opening,
  refused,
  type StreamSource,
} from './link-source.ts'
import { readObjectLink } from './object-link.ts'
import { openedByHttp } from './opened-by-http.ts'
import type { TellFault } from './tell-fault.ts'

export interface GcsSourceDeps {
  readonly buckets: ReadonlySet<string>
  /** URL of a server other than Google's own. */
  readonly endpoint: string | undefined
  readonly maxBytes: number
  readonly tellFault: TellFault
  /** The `authorization` header of the moment; null: none is sent. */
  readonly authorize: () => Promise<string | null>
}

/** Google's own server of the JSON API. */
export const GOOGLE = 'https://storage.googleapis.com'
const READ_ONLY = 'https://www.googleapis.com/auth/devstorage.read_only'

/**
 * The credentials that Google's libraries find by themselves: GOOGLE_APPLICATION_CREDENTIALS, gcloud's own, the
 * machine's service account. A token never goes to a server in the clear, so an endpoint over http is asked without.
 */
export function authorizeGcs(endpoint: string | undefined): GcsSourceDeps['authorize'] {
  if (endpoint !== undefined && !endpoint.startsWith('https:')) return async () => null
  const auth = new GoogleAuth({ scopes: READ_ONLY })
  return async () => (await auth.getRequestHeaders()).get('authorization')
}

/** `gs://bucket/object` of listed buckets, over the JSON API. */
export class GcsSource implements LinkSource, StreamSource {
  readonly #deps: GcsSourceDeps
  readonly #base: URL

  constructor(deps: GcsSourceDeps) {
    this.#deps = deps
    this.#base = new URL(deps.endpoint ?? GOOGLE)
  }

  async fetch(link: string, { signal, room }: Fetching): Promise<LinkOutcome> {
    try {
      return await fetchWhole(this.open(link, { signal }), { maxBytes: this.#deps.maxBytes, room })
    } catch (fault) {
      const { code, name } = fault as { readonly code?: unknown; readonly name?: unknown }
      if (!signal.aborted && !(fault instanceof AppError)) this.#deps.tellFault('gs', String(code ?? name))
      throw fault
    }
  }

  async open(link: string, opening: Opening): Promise<Opened> {
    const place = readObjectLink(link)
    if (place === null) return refused('invalid-link')
    if (!this.#deps.buckets.has(place.bucket)) return refused('address-not-allowed')
    const folder = this.#base.pathname.replace(/\/+$/, '')
    const [bucket, object] = [encodeURIComponent(place.bucket), encodeURIComponent(place.key)]
    return this.#get(`${folder}/storage/v1/b/${bucket}/o/${object}?alt=media`, opening)
  }

  async close(): Promise<void> {
    // Every connection ends with its own request.
  }

  async #get(path: string, { signal, from = 0 }: Opening): Promise<Opened> {
    const { authorize, tellFault } = this.#deps
    const authorization = await orAborted(authorize(), signal)
    const client = new Client(this.#base.origin, { pipelining: 0 })
    let opened: Opened | null = null
    try {
      const headers = {
        'user-agent': 'semblance-image-links',
        'accept-encoding': 'identity',
        ...(from > 0 && { range: `bytes=${from}-` }),
        ...(authorization !== null && { authorization }),
      }
      const response = await client.request({ method: 'GET', path, headers, signal })
      response.body.on('error', () => undefined)
      const { statusCode } = response
      if (![200, 206, 404, 416].includes(statusCode)) tellFault('gs', `HTTP-${statusCode}`)
      opened = openedByHttp(response, { from, close: () => client.destroy() })
      return opened
    } finally {
      if (opened?.outcome !== 'opened') await client.destroy()
    }
  }
}
