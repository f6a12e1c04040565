import type { Stats } from 'node:fs'
import { lstat, readdir, readFile, stat, unlink } from 'node:fs/promises'
import { connect, createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Tells processes of one machine from each other's remains, so that a lease need not be watched until it is over. */
export interface LifeSign {
  /**
   * True only if it is certain that the process of this name has ended. False of one that lives, that stands still, that ran on
   * another machine, or of which nothing is known.
   */
  hasEnded(name: string): Promise<boolean>
  close(): Promise<void>
}

const BOOT_ID = '/proc/sys/kernel/random/boot_id'
const NAME = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** The most that the address of a socket holds, in bytes. */
const LONGEST_PATH = 107
const ANSWER_MS = 1_000
/** What is left of a dead process stays for so long at least: whoever starts in its place may take a while to ask for it. */
const SWEEP_EVERY_MS = 3_600_000

export interface LifeSignOptions {
  /** That of the system for temporary files by default. */
  readonly folder?: string
  /** An hour by default. */
  readonly sweepEveryMs?: number
}

/**
 * A socket in the temporary folder that the system closes with its process, however that ends: whoever finds it there and is
 * refused knows that the process has ended. That holds within one running kernel, and one mounted file system: both are part of
 * the name, so that nobody else finds it. `name`: a UUID. Where there is no such folder, or no Linux, nothing is known of others.
 */
export async function openLifeSign(
  name: string,
  { folder = tmpdir(), sweepEveryMs = SWEEP_EVERY_MS }: LifeSignOptions = {},
): Promise<LifeSign> {
  const place = await placeIn(folder)
  if (place === null) return { hasEnded: async () => false, close: async () => {} }
  const pathOf = (of: string) => join(folder, place + of)
  const server = await listenAt(pathOf(name))
  let leftOver: ReadonlySet<string> = new Set()
  const sweep = async () => {
    leftOver = await sweepOnce(folder, { place, before: leftOver })
  }
  const sweeping = setInterval(() => void sweep(), sweepEveryMs)
  sweeping.unref()
  return {
    hasEnded: async (of) => of !== name && NAME.test(of) && (await isLeftOver(pathOf(of))),
    close: async () => {
      clearInterval(sweeping)
      await new Promise<void>((resolve) => (server === null ? resolve() : server.close(() => resolve())))
    },
  }
}

/** What a name begins with here. Null: it cannot be told which kernel this is. */
async function placeIn(folder: string): Promise<string | null> {
  try {
    const [boot, { dev }] = await Promise.all([readFile(BOOT_ID, 'utf8'), stat(folder)])
    return /^[0-9a-f]{8}-/.test(boot) ? `semblance-${boot.slice(0, 8)}-${dev.toString(16)}-` : null
  } catch {
    return null
  }
}

/** Null where that cannot be: then nobody knows when this process has ended. */
async function listenAt(path: string): Promise<Server | null> {
  if (Buffer.byteLength(path) > LONGEST_PATH) return null
  const server = createServer((socket) => socket.destroy())
  server.unref()
  return new Promise((resolve) => {
    server.on('error', () => resolve(null))
    server.listen(path, () => resolve(server))
  })
}

/** There is a socket of ours at this path, and no process behind it. */
async function isLeftOver(path: string): Promise<boolean> {
  const found: Stats | null = await lstat(path).catch(() => null)
  if (found?.isSocket() !== true || found.uid !== process.getuid?.()) return false
  return new Promise((resolve) => {
    const socket = connect(path)
    const end = (isOver: boolean) => {
      socket.destroy()
      resolve(isOver)
    }
    socket.setTimeout(ANSWER_MS, () => end(false))
    socket.on('connect', () => end(false))
    socket.on('error', ({ code }: NodeJS.ErrnoException) => end(code === 'ECONNREFUSED'))
  })
}

/** Each process of this machine that was killed has left one. Removes those that were left over the last time, too, and answers the others. */
async function sweepOnce(
  folder: string,
  { place, before }: { readonly place: string; readonly before: ReadonlySet<string> },
): Promise<ReadonlySet<string>> {
  const left = new Set<string>()
  const names = await readdir(folder).catch(() => [])
  const isOurs = (one: string) => one.startsWith(place) && NAME.test(one.slice(place.length))
  for (const path of names.filter(isOurs).map((one) => join(folder, one))) {
    if (!(await isLeftOver(path))) continue
    if (before.has(path)) await unlink(path).catch(() => {})
    else left.add(path)
  }
  return left
}
