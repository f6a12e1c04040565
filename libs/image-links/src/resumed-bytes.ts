import { setTimeout as sleep } from 'node:timers/promises'
import { isPassingRefusal, LinkBreak, orAborted } from '@semblance/core'
import { BodyBroken, refusalOfFault } from './fault-refusal.ts'
import type { Opened, OpenedLink } from './link-source.ts'

export interface Resuming {
  /** Opens the same link again, to go on at this byte. May reject. */
  readonly again: (from: number) => Promise<Opened>
  readonly signal: AbortSignal
  /** So long nothing may come while somebody wants it. */
  readonly stallMs: number
  /** Before the first try to go on; twice as long before each further one that brings nothing. */
  readonly waitMs: number
}

/** Tries to go on that bring no byte before it is given up: half a minute of waits that begin with a second. */
const MOST_TRIES = 5

/** The bytes of an opened link, across breaks of its connection. Throws `LinkBreak`, and the signal's reason. */
export async function* resumedBytes(first: OpenedLink, resuming: Resuming): AsyncGenerator<Uint8Array> {
  const { signal, stallMs } = resuming
  let opened = first
  let at = 0
  let tries = 0
  for (;;) {
    let cause: unknown = null
    try {
      let skipped = at - opened.from
      for await (const piece of unlessStalled(opened.body, { signal, stallMs })) {
        const fresh = piece.subarray(Math.min(skipped, piece.byteLength))
        skipped -= piece.byteLength - fresh.byteLength
        if (fresh.byteLength === 0) continue
        at += fresh.byteLength
        tries = 0
        yield fresh
      }
      if (at >= (first.size ?? 0)) return
    } catch (fault) {
      signal.throwIfAborted()
      cause = fault
    } finally {
      await opened.close()
    }
    const next = await goOn({ at, first, tries }, resuming, cause)
    opened = next.opened
    tries = next.tries + 1
  }
}

async function goOn(
  { at, first, tries }: { readonly at: number; readonly first: OpenedLink; readonly tries: number },
  { again, signal, waitMs }: Resuming,
  cause: unknown,
): Promise<{ readonly opened: OpenedLink; readonly tries: number }> {
  const reason = refusalOfFault(new BodyBroken(cause))
  // Without versions, nobody could tell whether what comes next belongs to what came before.
  if (first.version === null) throw new LinkBreak(reason, cause)
  for (let tried = tries; tried < MOST_TRIES; tried += 1) {
    await sleep(waitMs * 2 ** tried, undefined, { signal })
    const opened = await again(at).catch(() => null)
    signal.throwIfAborted()
    if (opened === null) continue
    if (opened.outcome === 'opened') {
      if (opened.version === first.version) return { opened, tries: tried }
      await opened.close()
      throw new LinkBreak('changed')
    }
    if (opened.reason === 'bad-status') throw new LinkBreak('changed')
    if (!isPassingRefusal(opened.reason)) throw new LinkBreak(opened.reason)
  }
  throw new LinkBreak(reason, cause)
}

/** Throws if no piece comes for so long; time that the reader takes does not count. */
async function* unlessStalled(
  body: AsyncIterable<Uint8Array>,
  { signal, stallMs }: Pick<Resuming, 'signal' | 'stallMs'>,
): AsyncGenerator<Uint8Array> {
  const pieces = body[Symbol.asyncIterator]()
  for (;;) {
    const stalled = Promise.withResolvers<never>()
    const timer = setTimeout(() => stalled.reject(new Error('nothing comes')), stallMs)
    try {
      const next = await orAborted(Promise.race([pieces.next(), stalled.promise]), signal)
      if (next.done === true) return
      yield next.value
    } finally {
      clearTimeout(timer)
    }
  }
}
