import type { ImageLinks, Lane, LinkOutcome } from '@semblance/core'

interface FetchedLink {
  readonly url: string
  readonly outcome: LinkOutcome
}

export interface LinkFetch {
  readonly links: ImageLinks
  readonly signal: AbortSignal
  /** Links of the bulk lane wait for a place, instead of being refused one, and leave the first ones to others. */
  readonly lane: Lane
  /** Time until the job's deadline. */
  readonly remainingMs: number
}

/** Links may take this share of a job's time; in the rest a caller can still be told what became of them. */
const SHARE_OF_TIME = 0.8

/** What came of a job's links, fetched before it took a place. Each is handed out once, since its bytes are given away. */
export class FetchedLinks implements ImageLinks {
  readonly elapsedMs: number
  /** No bytes came of any of them. */
  readonly isAllRefused: boolean
  readonly #left: ReadonlyMap<string, LinkOutcome[]>
  readonly #release: () => void

  /** @param onRelease is called at each `release` */
  constructor(elapsedMs: number, outcomes: readonly FetchedLink[], onRelease: () => void) {
    this.elapsedMs = elapsedMs
    this.isAllRefused = outcomes.every(({ outcome }) => outcome.outcome === 'refused')
    const byUrl = Map.groupBy(outcomes, ({ url }) => url)
    this.#left = new Map([...byUrl].map(([url, ones]) => [url, ones.map(({ outcome }) => outcome)]))
    this.#release = () => {
      onRelease()
      releaseAll(outcomes)
    }
  }

  /** The bytes are not needed any more; may be called again. */
  release(): void {
    this.#release()
  }

  async fetch(link: string): Promise<LinkOutcome> {
    const outcome = this.#left.get(link)?.shift()
    if (outcome === undefined) throw new Error('this link was not fetched before its job began')
    return outcome
  }

  async close(): Promise<void> {
    // Nothing is open.
  }
}

/**
 * All of them at once; if one cannot be tried (E_OVERLOADED) the others are given up, too. The room that their bytes take
 * is given back when the signal aborts, or by `release`.
 */
export async function fetchLinks(urls: readonly string[], given: LinkFetch): Promise<FetchedLinks> {
  const begun = performance.now()
  const timeoutMs = Math.max(1, given.remainingMs * SHARE_OF_TIME)
  const failed = new AbortController()
  const signal = AbortSignal.any([given.signal, failed.signal])
  const fetched: FetchedLink[] = []
  const giveUp = () => releaseAll(fetched)
  signal.addEventListener('abort', giveUp, { once: true })
  const isPatient = given.lane === 'bulk'
  const fetchOne = async (url: string) => {
    const one = { url, outcome: await given.links.fetch(url, { signal, timeoutMs, isPatient }) }
    fetched.push(one)
    if (signal.aborted) releaseAll([one])
  }
  try {
    await Promise.all(urls.map(fetchOne))
    signal.throwIfAborted()
    // Node keeps a signal made of others, and whatever its listeners hold, until it aborts or has no listener any more.
    const unhear = () => signal.removeEventListener('abort', giveUp)
    return new FetchedLinks(performance.now() - begun, fetched, unhear)
  } catch (fault) {
    failed.abort(fault)
    throw fault
  }
}

function releaseAll(links: readonly FetchedLink[]): void {
  for (const { outcome } of links) if (outcome.outcome === 'fetched') outcome.release?.()
}
