import { type BigIntStats, constants } from 'node:fs'
import { type FileHandle, open, readlink, realpath, stat } from 'node:fs/promises'
import { isAbsolute, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { LinkOutcome } from '@semblance/core'
import {
  type Fetching,
  fetchWhole,
  type LinkSource,
  type Opened,
  type Opening,
  refused,
  type StreamSource,
} from './link-source.ts'

export interface FileSourceDeps {
  readonly roots: readonly string[]
  readonly maxBytes: number
}

/** Absolute paths; `/` is refused, since it would open everything. Throws a TypeError that names the entry. */
export function readRoots(entries: readonly string[]): readonly string[] {
  return entries.map((entry) => {
    const root = resolve(entry)
    if (isAbsolute(entry) && root !== resolve('/')) return root
    throw new TypeError(`${JSON.stringify(entry)} is not the absolute path of a folder below the top one`)
  })
}

/**
 * `file:///path` of regular files below the roots. Where the file really is decides, not where its path seems to lead:
 * a symbolic link out of the roots is refused, and so is one that is put there while we open the file.
 */
export class FileSource implements LinkSource, StreamSource {
  readonly #deps: FileSourceDeps

  constructor(deps: FileSourceDeps) {
    this.#deps = deps
  }

  fetch(link: string, { signal, room }: Fetching): Promise<LinkOutcome> {
    return fetchWhole(this.open(link, { signal }), { maxBytes: this.#deps.maxBytes, room })
  }

  async open(link: string, opening: Opening): Promise<Opened> {
    const path = pathOf(link)
    if (path === null) return refused('invalid-link')
    if (!this.#deps.roots.some((root) => isBelow(path, root))) return refused('address-not-allowed')
    const handle = await openQuietly(path)
    // Whether something is missing, elsewhere or no file is not told apart: it would show what lies outside the roots.
    if (handle === null) return refused('bad-status')
    let opened: Opened | null = null
    try {
      opened = await this.#open(handle, path, opening)
      return opened
    } finally {
      if (opened?.outcome !== 'opened') await handle.close()
    }
  }

  async close(): Promise<void> {
    // Every file is closed with its own read.
  }

  async #open(handle: FileHandle, path: string, { signal, from = 0 }: Opening): Promise<Opened> {
    const { roots } = this.#deps
    const stats = await handle.stat({ bigint: true })
    if (!stats.isFile()) return refused('bad-status')
    const place = await placeOf(handle, { path, stats })
    const realRoots = await Promise.all(roots.map((root) => realpath(root).catch(() => null)))
    if (place === null || !realRoots.some((root) => root !== null && isBelow(place, root)))
      return refused('bad-status')
    return {
      outcome: 'opened',
      body: handle.createReadStream({ autoClose: false, signal, start: from }),
      from,
      size: Number(stats.size),
      version: `${stats.ino}-${stats.size}-${stats.mtimeNs}`,
      contentType: undefined,
      encoding: 'identity',
      close: () => handle.close(),
    }
  }
}

/** Null for a link to another machine, and for one that means something else than the path of a file. */
function pathOf(link: string): string | null {
  const url = URL.parse(link)
  if (url === null || url.protocol !== 'file:' || url.host !== '') return null
  if (url.search !== '' || url.hash !== '') return null
  try {
    const path = fileURLToPath(url)
    return path.includes('\0') || path.endsWith(sep) ? null : path
  } catch {
    // Percent-encoded slashes, and escapes that are no UTF-8.
    return null
  }
}

/** Without waiting for the other end of a pipe, and without making a terminal ours. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY

async function openQuietly(path: string): Promise<FileHandle | null> {
  try {
    const real = await realpath(path)
    // Opening a device can have effects of its own, so it is looked at before; what was opened counts in the end.
    return (await stat(real)).isFile() ? await open(real, OPEN_FLAGS | constants.O_NOFOLLOW) : null
  } catch {
    return null
  }
}

/** The path of the opened file, free of symbolic links; null if that cannot be told. */
async function placeOf(
  handle: FileHandle,
  opened: { readonly path: string; readonly stats: BigIntStats },
): Promise<string | null> {
  try {
    return await readlink(`/proc/self/fd/${handle.fd}`)
  } catch {
    return placeByPath(opened)
  }
}

/** Serves systems without /proc: the path is resolved again and must lead to the very file that was opened. */
async function placeByPath(opened: {
  readonly path: string
  readonly stats: BigIntStats
}): Promise<string | null> {
  try {
    const place = await realpath(opened.path)
    const { dev, ino } = await stat(place, { bigint: true })
    return dev === opened.stats.dev && ino === opened.stats.ino ? place : null
  } catch {
    return null
  }
}

function isBelow(path: string, root: string): boolean {
  const way = relative(root, path)
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way)
}
