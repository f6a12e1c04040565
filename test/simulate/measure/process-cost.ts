import { readdirSync, readFileSync } from 'node:fs'

/** Linux counts the time of processes in hundredths of a second. */
const TICKS_PER_SECOND = 100

/** What a process has cost so far. */
export interface ProcessCost {
  /** Time that it had processors for, all threads together, in the program and in the kernel. */
  readonly cpuMs: number
  /** What it has in memory now. */
  readonly residentBytes: number
  /** Of that, what is not a copy of a file's pages. */
  readonly anonymousBytes: number
}

/** Reads it from /proc: Linux only. Throws if the process is not there. */
export function costOf(pid: number): ProcessCost {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is a name in brackets, which may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = Number(fields[11]) + Number(fields[12])
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0)
  return {
    cpuMs: (ticks * 1000) / TICKS_PER_SECOND,
    residentBytes: kilobytes('VmRSS') * 1024,
    anonymousBytes: kilobytes('RssAnon') * 1024,
  }
}

/** The process whose environment holds this text, such as the port that it was told to listen on. */
export function pidWithEnvironment(text: string): number {
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    if (environmentOf(name).split('\0').includes(text)) return Number(name)
  }
  throw new Error(`no process has ${text} in its environment`)
}

/** Empty for a process that has ended, or is somebody else's. */
function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}
