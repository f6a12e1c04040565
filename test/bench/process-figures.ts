import { readFile } from 'node:fs/promises'

/** Of `/proc`: the unit of its times on every Linux of today, whatever the kernel's own clock (`getconf CLK_TCK`). */
const MS_PER_TICK = 10

/** Memory that the processes hold, in bytes. */
export async function residentBytes(pids: readonly number[]): Promise<number> {
  let sum = 0
  for (const pid of pids) {
    const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(await readOfProcess(pid, 'status'))?.[1]
    sum += Number(kibibytes) * 1024
  }
  return sum
}

/** What the processes have computed so far, all threads together, in milliseconds of one core. */
export async function computedMs(pids: readonly number[]): Promise<number> {
  let ticks = 0
  for (const pid of pids) {
    // The name, the second field, may hold blanks; the 14th and the 15th are the times in user and kernel mode.
    const fields = (await readOfProcess(pid, 'stat')).replace(/^.*\) /s, '').split(' ')
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks * MS_PER_TICK
}

async function readOfProcess(pid: number, what: 'status' | 'stat'): Promise<string> {
  try {
    return await readFile(`/proc/${pid}/${what}`, 'utf8')
  } catch (cause) {
    throw new Error('what another process takes can be read on Linux only', { cause })
  }
}
