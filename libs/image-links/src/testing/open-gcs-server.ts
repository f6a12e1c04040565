import type { IncomingMessage, ServerResponse } from 'node:http'
import { request } from 'undici'
import { serve } from './link-rig.ts'

export interface StoredGcsObject {
  readonly bucket: string
  readonly name: string
  readonly bytes: Uint8Array
}

/**
 * The JSON API of Google Cloud Storage holding these objects: of a server given by its URL (fake-gcs-server,
 * whose build takes minutes), else of a stand-in that knows the four calls needed here.
 */
export async function openGcsServer(
  objects: readonly StoredGcsObject[],
  given: string | undefined,
): Promise<string> {
  const endpoint = given || (await startStandIn())
  for (const { bucket, name, bytes } of objects) {
    await post(`${endpoint}/storage/v1/b?project=test`, JSON.stringify({ name: bucket }))
    const place = `b/${bucket}/o?uploadType=media&name=${encodeURIComponent(name)}`
    await post(`${endpoint}/upload/storage/v1/${place}`, bytes)
  }
  return endpoint
}

async function post(url: string, body: string | Uint8Array): Promise<void> {
  const headers = { 'content-type': 'application/json' }
  const answer = await request(url, { method: 'POST', headers, body })
  await answer.body.dump()
}

async function startStandIn(): Promise<string> {
  const objects = new Map<string, Uint8Array>()
  const { port } = await serve((incoming, response) => void answer(incoming, response, objects))
  return `http://127.0.0.1:${port}`
}

async function answer(
  incoming: IncomingMessage,
  response: ServerResponse,
  objects: Map<string, Uint8Array>,
): Promise<void> {
  const { pathname, searchParams } = new URL(incoming.url ?? '', 'http://gcs.test')
  const [, bucket = ''] = /\/storage\/v1\/b\/([^/]+)/.exec(pathname) ?? []
  if (incoming.method === 'POST') {
    const bytes = Buffer.concat(await incoming.toArray())
    objects.set(`${bucket}/${searchParams.get('name')}`, bytes)
    response.end('{}')
    return
  }
  if (pathname.endsWith('/o')) {
    response.end(JSON.stringify(listed([...objects.keys()], bucket, searchParams)))
    return
  }
  // One segment: an object's slashes come escaped.
  const [, name = ''] = /\/o\/([^/]+)$/.exec(pathname) ?? []
  const bytes = objects.get(`${bucket}/${decodeURIComponent(name)}`)
  const isFound = bytes !== undefined && searchParams.get('alt') === 'media'
  if (isFound) response.setHeader('content-type', 'image/jpeg').end(bytes)
  else response.writeHead(404).end('Not Found')
}

function listed(places: readonly string[], bucket: string, query: URLSearchParams): object {
  const from = query.get('pageToken') ?? query.get('startOffset') ?? ''
  const limit = Number(query.get('maxResults'))
  const names = places
    .filter((place) => place.startsWith(`${bucket}/${query.get('prefix') ?? ''}`))
    .map((place) => place.slice(bucket.length + 1))
    .filter((name) => Buffer.compare(Buffer.from(name), Buffer.from(from)) >= 0)
    .toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
  const next = names[limit]
  const items = names.slice(0, limit).map((name) => ({ name }))
  return { ...(items.length > 0 && { items }), ...(next !== undefined && { nextPageToken: next }) }
}
