import { readFileSync } from 'node:fs'

/** The process may not do what it needs; `runProcess` tells it in one line. */
class ProcessLimitError extends Error {
  override readonly name = 'ProcessLimitError'
}

/** Each thread has so many files open (measured: 35, and 10 for each thread): pipes of threads, stores, networks. */
const PER_THREAD = 10
/** Files at rest, and some ninety for connections and pictures at work. */
const BESIDE = 128

/**
 * Throws a ProcessLimitError where the process may open so few files that threads cannot start or connections break in the
 * midst. Only Linux tells; elsewhere this passes. Node raises the soft limit to the hard one by itself.
 */
export function requireOpenFiles(threads: number): void {
  const needed = BESIDE + PER_THREAD * threads
  const limit = limitOfOpenFiles()
  if (limit === null || limit >= needed) return
  throw new ProcessLimitError(
    `this process may open ${limit} files, and needs ${needed}${threads > 0 ? ` with ${threads} thread${threads === 1 ? '' : 's'}` : ''}; allow it more: \`ulimit -n 4096\` in a shell, LimitNOFILE=4096 in a systemd unit, --ulimit nofile=4096 in Docker`,
  )
}

/** Null where it is not to be known, and Infinity where there is none. */
function limitOfOpenFiles(): number | null {
  try {
    const told = /^Max open files +(\S+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1]
    if (told === undefined) return null
    return told === 'unlimited' ? Number.POSITIVE_INFINITY : Number(told)
  } catch {
    return null
  }
}
