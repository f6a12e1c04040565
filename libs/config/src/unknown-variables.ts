import type { ConfigWarning } from './config-error.ts'
import type { Environment } from './gather-values.ts'

const PREFIX = 'SEMBLANCE_'

/** Variables with our prefix and a value that nothing reads, each with the known name it was perhaps meant to be. */
export function unknownVariables(env: Environment, known: readonly string[]): readonly ConfigWarning[] {
  return Object.entries(env)
    .filter(([name, value]) => name.startsWith(PREFIX) && Boolean(value) && !known.includes(name))
    .filter(([name, value]) => !isServiceLink(name, value ?? ''))
    .map(([name]) => ({ name, didYouMean: nearestName(name, known) }))
}

/** Kubernetes describes each service of a namespace in variables; one called "semblance-..." gets our prefix. */
export function isServiceLink(name: string, value: string): boolean {
  return /^(tcp|udp|sctp):\/\//.test(value) || /_SERVICE_(HOST|PORT)|_PORT_\d+_(TCP|UDP|SCTP)/.test(name)
}

function nearestName(name: string, known: readonly string[]): string | null {
  const written = name.slice(PREFIX.length)
  const ranked = known
    .map((candidate) => ({ candidate, edits: editDistance(written, candidate.slice(PREFIX.length)) }))
    .toSorted((one, other) => one.edits - other.edits)
  const [best] = ranked
  // A third of the letters: enough for swapped and forgotten ones, too few to turn one word into another.
  const most = Math.max(2, Math.floor(written.length / 3))
  return best !== undefined && best.edits <= most ? best.candidate : null
}

/** Levenshtein's: letters to insert, leave out or replace. */
function editDistance(from: string, to: string): number {
  let above = Array.from({ length: to.length + 1 }, (_, index) => index)
  for (const [row, letter] of [...from].entries()) {
    const current = [row + 1]
    for (const [column, other] of [...to].entries()) {
      const replaced = (above[column] ?? 0) + (letter === other ? 0 : 1)
      current.push(Math.min(replaced, (above[column + 1] ?? 0) + 1, (current[column] ?? 0) + 1))
    }
    above = current
  }
  return above[to.length] ?? 0
}
