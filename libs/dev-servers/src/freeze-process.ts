import type { ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'

const PATIENCE_MS = 2_000

/**
 * SIGSTOP, and back only once every thread has stopped: on a busy machine one that is still at work may answer a call
 * that is made right after the signal. Where there is no `/proc`, the signal alone.
 */
export function freezeProcess(child: ChildProcess): void {
  child.kill('SIGSTOP')
  const nap = new Int32Array(new SharedArrayBuffer(4))
  const until = performance.now() + PATIENCE_MS
  while (isAtWork(child.pid) && performance.now() < until) Atomics.wait(nap, 0, 0, 1)
}

function isAtWork(pid: number | undefined): boolean {
  const threads = `/proc/${pid}/task`
  try {
    return readdirSync(threads).some((id) => stateOf(`${threads}/${id}/stat`) !== 'T')
  } catch {
    return false
  }
}

/** The letter behind the program's name, which stands in brackets and may hold anything. */
function stateOf(file: string): string | undefined {
  const text = readFileSync(file, 'utf8')
  return text.slice(text.lastIndexOf(')') + 2)[0]
}
