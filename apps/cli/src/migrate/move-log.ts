import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { type FileHandle, open, stat } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { CommandFault } from '../server/command-fault.ts'

const FORMAT = 'semblance-migrate/1'
/** The file is for its owner's eyes: ids alone say who is enrolled. */
const OWNER_ONLY = 0o600
const MOVED_IMAGE: Noted = { outcome: 'moved', to: '' }

export type Kind = 'group' | 'person' | 'image'

export interface OldThing {
  readonly kind: Kind
  /** Id at the source; an image's with its person's, `<person>/<image>`. */
  readonly from: string
}

export type Noted =
  | { readonly outcome: 'moved'; readonly to: string }
  | { readonly outcome: 'refused'; readonly reason: string; readonly times: number }

/** Which two servers a log belongs to; base URLs. */
export interface ServerPair {
  readonly from: string
  readonly to: string
}

/**
 * What became of everything that was to be moved: an append-only file of JSON lines with ids and digests, nothing else.
 * A line that a crash tore is passed over; what it stood for is asked again under the same Idempotency-Key.
 */
export class MoveLog {
  readonly #known: Map<string, Noted>
  readonly #file: FileHandle | null
  #waiting: string[] = []
  #writing: Promise<void> | null = null

  constructor(deps: { readonly known: Map<string, Noted>; readonly file: FileHandle | null }) {
    this.#known = deps.known
    this.#file = deps.file
  }

  find(thing: OldThing): Noted | null {
    return this.#known.get(digestOf(thing)) ?? null
  }

  /** `refused`: one word why. Resolves once the line is on the disk. Lines that come at once share one sync. */
  async note(thing: OldThing, what: { readonly to: string } | { readonly refused: string }): Promise<void> {
    const line = { kind: thing.kind, from: thing.from, ...what }
    remember(this.#known, line)
    await this.#append(line)
  }

  async close(): Promise<void> {
    await this.#writing
    await this.#file?.close()
  }

  async #append(line: object): Promise<void> {
    if (this.#file === null) return
    this.#waiting.push(`${JSON.stringify(line)}\n`)
    // Whoever comes while a write runs is part of the next one.
    await this.#writing
    if (this.#waiting.length > 0) this.#writing ??= this.#flush(this.#file)
    await this.#writing
  }

  async #flush(file: FileHandle): Promise<void> {
    try {
      const lines = this.#waiting.join('')
      this.#waiting = []
      await file.appendFile(lines)
      await file.datasync()
    } finally {
      this.#writing = null
    }
  }
}

/** What earlier runs between these two servers left. */
export interface EarlierRuns {
  readonly known: Map<string, Noted>
  /** One has begun, whether or not it moved anything. */
  readonly hasBegun: boolean
  readonly isTorn: boolean
  /** The time at which they last noted something; null for never. */
  readonly lastNotedMs: number | null
}

/** Serves a dry run: it remembers, and writes nothing. */
export function moveLogInMemory(earlier: EarlierRuns): MoveLog {
  return new MoveLog({ known: earlier.known, file: null })
}

export async function openMoveLog(path: string, pair: ServerPair, earlier: EarlierRuns): Promise<MoveLog> {
  const file = await open(path, 'a', OWNER_ONLY)
  await file.chmod(OWNER_ONLY)
  if (!earlier.hasBegun)
    await file.appendFile(`${JSON.stringify({ format: FORMAT, pair: pairDigest(pair) })}\n`)
  else if (earlier.isTorn) await file.appendFile('\n')
  await file.sync()
  return new MoveLog({ known: earlier.known, file })
}

/** Throws if the file belongs to another pair of servers, or is something else. */
export async function readEarlierRuns(path: string, pair: ServerPair): Promise<EarlierRuns> {
  const known = new Map<string, Noted>()
  const found = await stat(path).catch(() => null)
  if (found === null || found.size === 0) return { known, hasBegun: false, isTorn: false, lastNotedMs: null }
  let isFirst = true
  for await (const text of createInterface({ input: createReadStream(path), crlfDelay: Infinity })) {
    if (isFirst) checkHead(text, { path, pair: pairDigest(pair) })
    else remember(known, parseLine(text))
    isFirst = false
  }
  return { known, hasBegun: true, isTorn: !(await endsLine(path, found.size)), lastNotedMs: found.mtimeMs }
}

function checkHead(text: string, log: { readonly path: string; readonly pair: string }): void {
  const head = parseLine(text)
  if (head.format !== FORMAT) throw new CommandFault(`${log.path} is not the state of a migration`)
  if (head.pair === log.pair) return
  throw new CommandFault(`${log.path} belongs to a migration between other servers; name another --state`)
}

async function endsLine(path: string, size: number): Promise<boolean> {
  const file = await open(path)
  try {
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1)
    return buffer.toString() === '\n'
  } finally {
    await file.close()
  }
}

/** The entry of a line; empty for a torn one. */
function parseLine(text: string): Readonly<Record<string, unknown>> {
  try {
    const line: unknown = JSON.parse(text)
    return typeof line === 'object' && line !== null ? { ...line } : {}
  } catch {
    return {}
  }
}

function remember(known: Map<string, Noted>, line: Readonly<Record<string, unknown>>): void {
  const { kind, from, to, refused } = line
  if (typeof kind !== 'string' || typeof from !== 'string') return
  const digest = digestOf({ kind: kind as Kind, from })
  // Nobody asks for an image's new id, and there are many.
  if (typeof to === 'string') known.set(digest, kind === 'image' ? MOVED_IMAGE : { outcome: 'moved', to })
  if (typeof refused !== 'string') return
  const before = known.get(digest)
  known.set(digest, {
    outcome: 'refused',
    reason: refused,
    times: before?.outcome === 'refused' ? before.times + 1 : 1,
  })
}

/** 128 bits: shorter to hold than two UUIDs, and never twice the same. */
function digestOf(thing: OldThing): string {
  return sha256(`${thing.kind} ${thing.from}`).slice(0, 22)
}

function pairDigest({ from, to }: ServerPair): string {
  return sha256(JSON.stringify([from, to]))
}

/**
 * The same for every run that tries the same thing for the same time: `refusals` counts the answers "no" that were
 * noted, since a server that knows keys would only repeat them.
 */
export function idempotencyKey(source: string, thing: OldThing, refusals: number): string {
  return `semblance-migrate-${sha256(JSON.stringify([source, thing.kind, thing.from, refusals]))}`
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('base64url')
}
