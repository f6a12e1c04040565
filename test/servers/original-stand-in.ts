import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Somebody whom the stand-in is to know from its start; `pictures` oldest first. */
export interface StandInPerson {
  readonly name: string
  readonly groups: readonly string[]
  readonly pictures: readonly Buffer[]
  readonly fields?: Readonly<Record<string, unknown>>
}

export interface StandIn {
  readonly url: string
  /** Ids by name. */
  readonly persons: ReadonlyMap<string, string>
  /** What it holds now, as its clients would read it. */
  readonly held: {
    readonly groups: readonly Row[]
    readonly persons: readonly Row[]
    readonly images: readonly Row[]
  }
  readonly requests: readonly string[]
  close(): Promise<void>
}

type Row = Readonly<Record<string, unknown>> & { readonly id: string }
type Gallery = {
  groups: Row[]
  persons: Row[]
  images: (Row & { person: string; bytes: Buffer; picture: Row })[]
}

/**
 * As little of the original as a migration meets: random ids by which it lists in decreasing order, no list of all
 * persons, nulls for what is not there, times without a zone, unknown fields, smaller pages than asked for, and no
 * notion of Idempotency-Key. Every tenth request is put off with 503.
 */
export async function startOriginalStandIn(
  groups: readonly string[],
  people: readonly StandInPerson[],
): Promise<StandIn> {
  const gallery: Gallery = { groups: [], persons: [], images: [] }
  const groupIds = new Map(groups.map((name) => [name, addRow(gallery.groups, { name, metadata: null }).id]))
  const persons = new Map(
    people.map((one) => {
      const memberOf = one.groups.map((name) => groupIds.get(name))
      const person = {
        name: one.name,
        externalId: null,
        metadata: null,
        expireAt: null,
        ...one.fields,
        groups: memberOf,
      }
      const { id } = addRow(gallery.persons, person)
      for (const [i, bytes] of one.pictures.entries()) addImage(gallery, { person: id, bytes, second: i })
      return [one.name, id]
    }),
  )
  const requests: string[] = []
  const server = createServer((req, res) => void answer(gallery, requests, { req, res }))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    persons,
    held: gallery,
    requests,
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

function addRow(rows: Row[], fields: object): Row {
  const row = { id: randomUUID(), tenant: 'x', createdAt: '2024-03-01T10:00:00.123456', ...fields }
  rows.push(row)
  return row
}

function addImage(gallery: Gallery, image: { person: string; bytes: Buffer; second: number }): Row {
  const { person, bytes, second } = image
  const id = randomUUID()
  const createdAt = `2024-03-01T10:00:${String(second).padStart(2, '0')}.000001`
  const picture = { id, contentType: 'image/jpeg', path: `x/${id}`, createdAt, metadata: null, url: null }
  gallery.images.push({ id, person, bytes, picture })
  return picture
}

interface Exchange {
  readonly req: IncomingMessage
  readonly res: ServerResponse
}

async function answer(gallery: Gallery, requests: string[], { req, res }: Exchange): Promise<void> {
  const { pathname, searchParams } = new URL(req.url ?? '', 'http://stand-in')
  requests.push(`${req.method} ${pathname}`)
  const chunks: Buffer[] = []
  for await (const chunk of req) chunks.push(chunk)
  if (requests.length % 10 === 0) return send(res.setHeader('retry-after', '0'), 503, { msg: 'busy' })
  const page = (rows: readonly Row[]) => send(res, 200, pageOf(rows, searchParams))
  const [kind, id, inside, image] = pathname.replace(/^\/+api\//, '').split('/')
  const body = req.method === 'POST' ? JSON.parse(Buffer.concat(chunks).toString()) : null
  if (kind === 'readyz') return void res.writeHead(200).end()
  if (kind === 'healthz') return send(res, 200, { app: 'Regula Face Recognition Web API', version: '7.5' })
  if (kind === 'groups' && body !== null) return send(res, 201, addRow(gallery.groups, body))
  if (kind === 'groups' && id === undefined) return page(gallery.groups)
  if (kind === 'groups')
    return page(gallery.persons.filter(({ groups }) => (groups as string[]).includes(id ?? '')))
  if (kind !== 'persons' || id === undefined) {
    return body === null ? send(res, 405, null) : send(res, 201, addRow(gallery.persons, body))
  }
  if (inside !== 'images') return void res.writeHead(204).end()
  if (body !== null) {
    const bytes = Buffer.from(body.image.content, 'base64')
    return send(res, 200, addImage(gallery, { person: id, bytes, second: gallery.images.length % 60 }))
  }
  const images = gallery.images.filter(({ person }) => person === id)
  if (image === undefined) return page(images.map(({ picture }) => picture))
  const found = images.find((one) => one.id === image)
  if (found === undefined) return send(res, 404, { statusCode: 404, type: 'ImageNotFound' })
  res.writeHead(200, { 'content-type': 'image/*' }).end(found.bytes)
}

/** Never more than two a page, whatever is asked for. */
function pageOf(rows: readonly Row[], query: URLSearchParams): object {
  const [page, size] = [Number(query.get('page') ?? 1), Math.min(2, Number(query.get('size') ?? 1000))]
  const sorted = rows.toSorted((one, other) => (one.id < other.id ? 1 : -1))
  const items = sorted.slice((page - 1) * size, page * size)
  return { items, page, totalPages: Math.ceil(rows.length / size), tag: null }
}

function send(res: ServerResponse, status: number, body: unknown): void {
  res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
}
