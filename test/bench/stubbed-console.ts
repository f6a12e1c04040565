import { readFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { extname, join } from 'node:path'
import sharp from 'sharp'

/** A server of the built page whose gallery is made up: what is measured is the page, and no worker or store. */
export interface StubbedConsole {
  readonly url: string
  close(): Promise<void>
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css',
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.json': 'application/json',
  '.jpg': 'image/jpeg',
  '.svg': 'image/svg+xml',
}
const SESSION = {
  signedIn: true,
  keysAreSet: false,
  keyName: null,
  rights: ['read', 'write'],
  writeToken: null,
}
/** A hundredth with each tenth of a distance. */
const RATES = [
  { distance: 0.8, rate: 1e-9 },
  { distance: 0.9, rate: 1e-7 },
  { distance: 1.1, rate: 1e-3 },
]
const STRANGERS = { search: RATES, match: RATES, enrolled: RATES }
const TIME = '2026-01-01T00:00:00.000Z'
const STATIC_TILES = 24

export async function startStubbedConsole(folder: string, people: number): Promise<StubbedConsole> {
  const noise = { type: 'gaussian', mean: 128, sigma: 24 } as const
  const face = await sharp({
    create: { width: 192, height: 192, channels: 3, background: '#a08060', noise },
  })
    .jpeg({ quality: 60 })
    .toBuffer()
  const server = createServer((request, response) => {
    void answer({ request, response, folder, people, face }).catch(() => response.destroy())
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

interface Asked {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly folder: string
  readonly people: number
  readonly face: Buffer
}

async function answer({ request, response, folder, people, face }: Asked): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://stub')
  const send = (type: string, body: string | Buffer) => {
    response.writeHead(200, { 'content-type': TYPES[type] ?? 'application/octet-stream' }).end(body)
  }
  const json = (body: unknown) => send('.json', JSON.stringify(body))
  if (pathname.endsWith('/picture')) return send('.jpg', face)
  if (pathname === '/api/session') return json(SESSION)
  if (pathname === '/api/stats') return json({ persons: people, images: people })
  if (pathname === '/api/system') return json({ pack: { strangers: STRANGERS } })
  if (pathname === '/api/persons') return json(pageOf(searchParams, people))
  const number = /^\/api\/persons\/[\w-]+-(\d+)$/.exec(pathname)?.[1]
  if (number !== undefined) return json(personOf(Number(number)))
  if (pathname.startsWith('/api/')) return json({ items: [], page: 1, totalPages: 0 })
  if (pathname.startsWith('/static')) return send('.html', staticPage(pathname))
  const file = extname(pathname) === '' ? 'index.html' : pathname.slice(1)
  const bytes = await readFile(join(folder, file))
  // As the server does it: the page is one for all its addresses, so that what it loads is named from the root.
  send(extname(file), file === 'index.html' ? String(bytes).replaceAll('"./', '"/') : bytes)
}

/** As the server's lists are entered: by a page's number, by how many are left out, or after a cursor. */
function pageOf(query: URLSearchParams, people: number) {
  const size = Number(query.get('size') ?? 100)
  const found = numbersBeginning(query.get('namePrefix') ?? '', people)
  const from = Number(query.get('cursor') ?? query.get('skip') ?? (Number(query.get('page') ?? 1) - 1) * size)
  const to = Math.min(found.length, from + size)
  return {
    items: Array.from({ length: Math.max(0, to - from) }, (_, place) => personOf(found.at(from + place))),
    page: 1,
    totalPages: Math.ceil(found.length / size),
    ...(to < found.length ? { nextCursor: String(to) } : {}),
  }
}

/** The numbers of people whose names begin so, without a list of everybody. */
function numbersBeginning(prefix: string, people: number) {
  if (prefix === '') return { length: people, at: (place: number) => place }
  const numbers = Array.from({ length: people }, (_, number) => number)
  const found = numbers.filter((number) => nameOf(number).startsWith(prefix))
  return { length: found.length, at: (place: number) => found[place] ?? 0 }
}

function nameOf(number: number): string {
  return `Person ${number}`
}

function personOf(number: number) {
  return {
    id: `01936a5c-7e1d-7c3a-9f52-${String(number).padStart(12, '0')}`,
    name: nameOf(number),
    metadata: {},
    groups: [],
    createdAt: TIME,
    updatedAt: TIME,
  }
}

/** The same faces and names with no script at all: as fast as a page of a server can be. */
function staticPage(path: string): string {
  const other = path === '/static' ? '/static-other' : '/static'
  const tiles = Array.from(
    { length: STATIC_TILES },
    (_, place) =>
      `<li><img src="/api/persons/${place}/picture" width="144" height="144" alt="">Person ${place}</li>`,
  )
  return `<!doctype html><meta charset="utf-8"><title>Static</title><h1>${path}</h1><a href="${other}">Other</a><ul>${tiles.join('')}</ul>`
}
