import { AppError, type LinkOutcome, type LinkRefusal } from '@semblance/core'
import type { ByteAccount } from './byte-budget.ts'
import { BodyBroken } from './fault-refusal.ts'
import { readLink } from './read-link.ts'

/** A source is where the links of one scheme, or of a few, lead to. */
export interface LinkSource {
  /**
   * This may reject, also without a reason that could be shown: that is what `refusalOfFault` says, or `timeout` once the
   * signal aborted. E_OVERLOADED is passed on: `room` had none left.
   */
  fetch(link: string, fetching: Fetching): Promise<LinkOutcome>
  close(): Promise<void>
}

export interface Fetching {
  readonly signal: AbortSignal
  /** An account for the bytes that come. */
  readonly room: ByteAccount
}

/** What stands behind a link, while its bytes come. */
export interface OpenedLink {
  readonly outcome: 'opened'
  /** It throws if the bytes break off, and if the signal of `Opening` aborts. */
  readonly body: AsyncIterable<Uint8Array>
  /** The first byte that comes; it may be an earlier one than was asked for. */
  readonly from: number
  /** Bytes of the whole; null if nobody says. */
  readonly size: number | null
  /** Bytes of the same version are the same; null if nobody tells versions apart. */
  readonly version: string | null
  readonly contentType: string | undefined
  /** How the bytes are packed: `identity`, or another name of HTTP. */
  readonly encoding: string
  /** To be called once, whether all was read or not. */
  close(): Promise<void>
}

export type LinkRefused = Extract<LinkOutcome, { readonly outcome: 'refused' }>
export type Opened = OpenedLink | LinkRefused

export interface Opening {
  readonly signal: AbortSignal
  /** The first byte that is wanted; left out: all. */
  readonly from?: number
}

/** A source whose bytes can be read piece by piece. It may reject as `LinkSource` may. */
export interface StreamSource {
  open(link: string, opening: Opening): Promise<Opened>
  close(): Promise<void>
}

/** All bytes behind a link. Packed ones are refused, since nobody counts what they become. */
export async function fetchWhole(
  opening: Promise<Opened>,
  limits: { readonly maxBytes: number; readonly room: ByteAccount },
): Promise<LinkOutcome> {
  const opened = await opening
  if (opened.outcome === 'refused') return opened
  try {
    if (opened.encoding !== 'identity') return refused('bad-status')
    if ((opened.size ?? 0) > limits.maxBytes) return refused('too-large')
    const bytes = await readLink(opened.body, limits)
    return bytes === null ? refused('too-large') : { outcome: 'fetched', bytes }
  } catch (fault) {
    throw fault instanceof AppError ? fault : new BodyBroken(fault)
  } finally {
    await opened.close()
  }
}

export function refused(reason: LinkRefusal): LinkRefused {
  return { outcome: 'refused', reason }
}
