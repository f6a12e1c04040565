import { type ObjectsOutcome, orAborted } from '@semblance/core'
import { Client } from 'undici'
import { type GcsSourceDeps, GOOGLE } from './gcs-source.ts'
import type { BucketListing } from './object-listing.ts'

/** A thousand names of at most 1,024 bytes, each byte escaped, with room to spare. */
const MAX_ANSWER_BYTES = 16_000_000

interface Answer {
  readonly items?: readonly { readonly name: string }[]
  readonly nextPageToken?: string
}

/** Names of objects in buckets of Google Cloud Storage, over the JSON API. */
export class GcsListing implements BucketListing {
  readonly #deps: Pick<GcsSourceDeps, 'endpoint' | 'authorize' | 'tellFault'>
  readonly #base: URL

  constructor(deps: Pick<GcsSourceDeps, 'endpoint' | 'authorize' | 'tellFault'>) {
    this.#deps = deps
    this.#base = new URL(deps.endpoint ?? GOOGLE)
  }

  async list(
    { bucket, prefix, after, limit }: Parameters<BucketListing['list']>[0],
    signal: AbortSignal,
  ): Promise<ObjectsOutcome> {
    const query = new URLSearchParams({
      ...{ prefix, maxResults: `${limit}`, fields: 'items(name),nextPageToken' },
      // The object of this name itself comes once more.
      ...(after !== null && { startOffset: after }),
    })
    const folder = this.#base.pathname.replace(/\/+$/, '')
    for (;;) {
      const answer = await this.#get(
        `${folder}/storage/v1/b/${encodeURIComponent(bucket)}/o?${query}`,
        signal,
      )
      if (answer === 'refused') return { outcome: 'refused', reason: 'bad-status' }
      const keys = (answer.items ?? []).map(({ name }) => name).filter((name) => name !== after)
      const isEnd = answer.nextPageToken === undefined
      // A page may be empty, and others come after it.
      if (keys.length > 0 || isEnd) return { outcome: 'listed', keys, isEnd }
      query.set('pageToken', answer.nextPageToken)
    }
  }

  close(): void {
    // Every connection ends with its own request.
  }

  /** Throws for what may pass. */
  async #get(path: string, signal: AbortSignal): Promise<Answer | 'refused'> {
    const authorization = await orAborted(this.#deps.authorize(), signal)
    const client = new Client(this.#base.origin, { pipelining: 0 })
    try {
      const headers = {
        'user-agent': 'semblance-image-links',
        ...(authorization !== null && { authorization }),
      }
      const { statusCode, body } = await client.request({ method: 'GET', path, headers, signal })
      body.on('error', () => undefined)
      if (statusCode !== 200) this.#deps.tellFault('gs', `HTTP-${statusCode}`)
      if (statusCode >= 500 || statusCode === 429) throw new Error(`HTTP ${statusCode}`)
      return statusCode === 200 ? (JSON.parse(await textOf(body)) as Answer) : 'refused'
    } finally {
      await client.destroy()
    }
  }
}

async function textOf(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > MAX_ANSWER_BYTES) throw new Error('an answer of a bucket is too long')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
