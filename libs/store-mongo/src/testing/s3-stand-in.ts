import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'

export interface S3Request {
  readonly method: string
  readonly url: URL
  readonly headers: IncomingMessage['headers']
}

/** The few verbs of S3 that we use, over path-style addresses, in memory; puts are atomic. It checks no signature. */
export interface S3StandIn {
  readonly endpoint: string
  /** Every request so far, oldest first. */
  readonly requests: readonly S3Request[]
  /** Makes what is stored older. */
  age(ms: number): void
  /** Sees each request first; one that it answers (true) goes no further. Null for none. */
  intercept(handle: ((request: S3Request, response: ServerResponse) => boolean) | null): void
  /** Its clock differs from ours by so much. */
  setClock(offsetMs: number): void
  close(): Promise<void>
}

interface StoredObject {
  readonly bytes: Buffer
  writtenAt: number
}

const PAGE = 1000

export async function startS3StandIn(options: { readonly pageSize?: number } = {}): Promise<S3StandIn> {
  const objects = new Map<string, StoredObject>()
  const requests: S3Request[] = []
  let intercept: Parameters<S3StandIn['intercept']>[0] = null
  let offsetMs = 0
  const now = () => Date.now() + offsetMs
  const server = createServer(async (incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://stand-in')
    const request = { method: incoming.method ?? '', url, headers: incoming.headers }
    requests.push(request)
    response.setHeader('date', new Date(now()).toUTCString())
    if (intercept?.(request, response) === true) return
    const body = await buffer(incoming)
    const [, , ...rest] = url.pathname.split('/')
    const key = rest.join('/')
    const source = request.headers['x-amz-copy-source']
    if (typeof source === 'string') return copyObject(objects, { source, key, writtenAt: now() }, response)
    if (request.method === 'PUT') objects.set(key, { bytes: body, writtenAt: now() })
    if (request.method === 'DELETE') objects.delete(key)
    if (request.method === 'GET' && url.searchParams.get('list-type') === '2') {
      response.end(listXml(objects, url.searchParams, options.pageSize ?? PAGE))
    } else if (request.method === 'HEAD' && key !== '') {
      response.writeHead(objects.has(key) ? 200 : 404).end()
    } else if (request.method === 'GET') {
      const object = objects.get(key)
      if (object === undefined) response.writeHead(404).end(errorXml('NoSuchKey'))
      else response.end(object.bytes)
    } else response.writeHead(request.method === 'DELETE' ? 204 : 200).end()
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { readonly port: number }
  return {
    endpoint: `http://127.0.0.1:${port}`,
    requests,
    age: (ms) => {
      for (const object of objects.values()) object.writtenAt -= ms
    },
    intercept: (handle) => {
      intercept = handle
    },
    setClock: (ms) => {
      offsetMs = ms
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function copyObject(
  objects: Map<string, StoredObject>,
  { source, key, writtenAt }: { readonly source: string; readonly key: string; readonly writtenAt: number },
  response: ServerResponse,
): void {
  const object = objects.get(decodeURIComponent(source).split('/').slice(1).join('/'))
  if (object === undefined) {
    response.writeHead(404).end(errorXml('NoSuchKey'))
    return
  }
  objects.set(key, { bytes: object.bytes, writtenAt })
  response.end('<?xml version="1.0" encoding="UTF-8"?><CopyObjectResult></CopyObjectResult>')
}

export function errorXml(code: string, more = ''): string {
  return `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>no</Message>${more}</Error>`
}

function listXml(objects: Map<string, StoredObject>, query: URLSearchParams, pageSize: number): string {
  const [prefix, startAfter] = [query.get('prefix') ?? '', query.get('start-after') ?? '']
  const keys = [...objects.keys()].filter((key) => key.startsWith(prefix) && key > startAfter).toSorted()
  const contents = keys.slice(0, pageSize).map((key) => {
    const written = new Date(objects.get(key)?.writtenAt ?? 0)
    written.setUTCMilliseconds(0)
    return `<Contents><Key>${key}</Key><LastModified>${written.toISOString()}</LastModified></Contents>`
  })
  const isTruncated = keys.length > pageSize
  return `<?xml version="1.0" encoding="UTF-8"?><ListBucketResult><IsTruncated>${isTruncated}</IsTruncated>${contents.join('')}</ListBucketResult>`
}
