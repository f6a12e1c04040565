import { once } from 'node:events'
import { createServer, type RequestListener, type Server } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import type { ImageLinks } from '@semblance/core'
import { readAllowList } from '../allow-list.ts'
import { dialPinned } from '../dial.ts'
import { HttpSource, type HttpSourceDeps } from '../http-source.ts'
import { LinksByScheme, type LinksBySchemeDeps } from '../links-by-scheme.ts'
import type { LookupHost } from '../lookup-host.ts'

export const PICTURE = Uint8Array.from({ length: 3_000 }, (_, index) => index % 251)
export const closers: (() => Promise<unknown>)[] = []

/** To be called after each test. */
export async function closeAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close()
}

export async function serve(listener: RequestListener): Promise<{ port: number; server: Server }> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    server.closeAllConnections()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, server }
}

/** Speaks whatever the test likes instead of HTTP. */
export async function serveRaw(answer: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>()
  const server = createTcpServer((socket) => {
    sockets.add(socket.on('error', () => undefined))
    socket.once('data', () => answer(socket))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  closers.push(async () => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

export const loopback: LookupHost = async () => ['127.0.0.1']

const PLENTY = { all: 16, perHost: 16, waiting: 100, waitingPerHost: 100 }

export interface Wishes
  extends Partial<Omit<HttpSourceDeps, 'allowList'>>,
    Partial<Omit<LinksBySchemeDeps, 'web'>> {
  readonly allow?: readonly (string | number)[]
}

/** Numbers in `allow` stand for a port of pictures.test, which lives on loopback. */
export function links({ allow = [], ...wishes }: Wishes): LinksByScheme {
  const entries = allow.map((entry) => (typeof entry === 'number' ? `pictures.test:${entry}` : entry))
  const { maxBytes = 64_000, maxRedirects = 3, lookup = async () => [], dial = dialPinned } = wishes
  const { lookupAllowListed = loopback } = wishes
  const {
    others = {},
    timeoutMs = 5_000,
    slots = PLENTY,
    maxBytesInAll = 1e9,
    observe = () => undefined,
  } = wishes
  const allowList = readAllowList(entries)
  const web = new HttpSource({ maxBytes, maxRedirects, allowList, lookup, lookupAllowListed, dial })
  const made = new LinksByScheme({ web, others, timeoutMs, slots, maxBytesInAll, observe })
  closers.push(() => made.close())
  return made
}

export async function reasonOf(links: ImageLinks, link: string): Promise<string> {
  const outcome = await links.fetch(link)
  return outcome.outcome === 'refused' ? outcome.reason : outcome.outcome
}

/** Settles once this end is gone, reset or closed in good order. */
export function closeOf(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.on('error', () => undefined).once('close', () => resolve()))
}
