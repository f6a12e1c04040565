// Starts a process and stays beside it until it ends. The set-up and the package share this.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'

export const STOP_SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP']
const PARENT_CHECK_MS = 500

/**
 * Resolves with the exit code of the process, or with 128 and the number of the signal that ended it, as a shell does.
 * Signals that we get are passed on. Listeners of the caller run, too.
 * @param {readonly [command: string, ...args: string[]]} program
 * @param {import('node:child_process').SpawnOptions & { readonly isOurs?: boolean, readonly isForPeople?: boolean }} options
 *   `isOurs`: the program stops when we are gone, however we died. It sees that by the channel between us; see
 *   `stopWithLauncher` in libs/telemetry. `isForPeople`: what it prints goes to standard error, apart from the log.
 * @returns {Promise<number>}
 */
export function runProgram([command, ...args], { isOurs = false, isForPeople = false, ...options }) {
  const stdio = ['inherit', isForPeople ? process.stderr : 'inherit', 'inherit', ...(isOurs ? ['ipc'] : [])]
  const child = spawn(command, args, { ...options, stdio })
  const forward = (signal) => child.kill(signal)
  for (const signal of STOP_SIGNALS) process.on(signal, forward)
  const watch = watchNpm()
  const ended = new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => resolve(code ?? 128 + constants.signals[signal]))
  })
  return ended.finally(() => {
    clearInterval(watch)
    for (const signal of STOP_SIGNALS) process.off(signal, forward)
  })
}

/**
 * A signal that npm alone gets ends npm and the shell between us, and does not reach us: having lost our parent we stop.
 * Whoever else starts us may leave us alone, as a shell does after `nohup`.
 */
function watchNpm() {
  if (process.env.npm_lifecycle_event === undefined) return undefined
  const parent = process.ppid
  const watch = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(watch)
    process.emit('SIGTERM', 'SIGTERM')
  }, PARENT_CHECK_MS)
  return watch
}
