import { AppError, type LinkOutcome, orAborted } from '@semblance/core'
import { GoogleAuth } from 'google-auth-library'
import { Client } from 'undici'
import { type Fetching, type LinkSource, refused } from './link-source.ts'
import { readObjectLink } from './object-link.ts'
import { readLink } from './read-link.ts'
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
export class GcsSource implements LinkSource {
  readonly #deps: GcsSourceDeps
  readonly #base: URL

  constructor(deps: GcsSourceDeps) {
    this.#deps = deps
    this.#base = new URL(deps.endpoint ?? GOOGLE)
  }

  async fetch(link: string, fetching: Fetching): Promise<LinkOutcome> {
    const place = readObjectLink(link)
    if (place === null) return refused('invalid-link')
    if (!this.#deps.buckets.has(place.bucket)) return refused('address-not-allowed')
    const folder = this.#base.pathname.replace(/\/+$/, '')
    const [bucket, object] = [encodeURIComponent(place.bucket), encodeURIComponent(place.key)]
    try {
      return await this.#get(`${folder}/storage/v1/b/${bucket}/o/${object}?alt=media`, fetching)
    } catch (fault) {
      const { code, name } = fault as { readonly code?: unknown; readonly name?: unknown }
      if (!fetching.signal.aborted && !(fault instanceof AppError))
        this.#deps.tellFault('gs', String(code ?? name))
      throw fault
    }
  }

  async close(): Promise<void> {
    // Every connection ends with its own request.
  }

  async #get(path: string, { signal, room }: Fetching): Promise<LinkOutcome> {
    const { authorize, maxBytes, tellFault } = this.#deps
    const authorization = await orAborted(authorize(), signal)
    const client = new Client(this.#base.origin, { pipelining: 0 })
    try {
      const headers = {
        'user-agent': 'semblance-image-links',
        'accept-encoding': 'identity',
        ...(authorization !== null && { authorization }),
      }
      const response = await client.request({ method: 'GET', path, headers, signal })
      response.body.on('error', () => undefined)
      const { statusCode } = response
      if (statusCode !== 200 && statusCode !== 404) tellFault('gs', `HTTP-${statusCode}`)
      if (statusCode >= 500) return refused('unreachable')
      const encoding = String(response.headers['content-encoding'] ?? 'identity').toLowerCase()
      if (statusCode !== 200 || encoding !== 'identity') return refused('bad-status')
      if (Number(response.headers['content-length'] ?? 0) > maxBytes) return refused('too-large')
      const bytes = await readLink(response.body, { maxBytes, room })
      return bytes === null ? refused('too-large') : { outcome: 'fetched', bytes }
    } finally {
      await client.destroy()
    }
  }
}
