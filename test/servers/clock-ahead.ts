import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The environment of a process of ours whose clock is so far ahead of the machine's, on all of its threads; less than 0: behind it. */
export function clockAhead(ms: number): Readonly<Record<string, string>> {
  const file = pathToFileURL(join(import.meta.dirname, 'set-clock.mjs')).href
  return { NODE_OPTIONS: `--import=${file}`, TEST_CLOCK_AHEAD_MS: String(ms) }
}
