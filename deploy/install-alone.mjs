// One of several set-ups at once installs, and the others wait for it. Runs under any Node, without dependencies.
import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const LOOK_EVERY_MS = 500
const BEAT_EVERY_MS = 5_000
/** Whoever installs gives a sign of life each few seconds; one that has given none for so long was killed. */
const DEAD_AFTER_MS = 60_000

/**
 * Resolves once nobody else installs here, with what ends that for others. It is ended at the end of the process, too.
 * @param {string} lock a file that is there while somebody installs
 * @returns {Promise<() => void>}
 */
export async function installAlone(lock, deadAfterMs = DEAD_AFTER_MS) {
  let isTold = false
  while (!isTaken(lock)) {
    if (isDead(lock, deadAfterMs)) clear(lock, deadAfterMs)
    else {
      if (!isTold) console.error('Packages are being installed by another process; waiting for it ...')
      isTold = true
      await delay(LOOK_EVERY_MS)
    }
  }
  const beat = setInterval(() => touch(lock), Math.min(BEAT_EVERY_MS, deadAfterMs / 5))
  const letGo = () => {
    clearInterval(beat)
    process.off('exit', letGo)
    if (isOurs(lock)) rmSync(lock, { force: true })
  }
  process.on('exit', letGo)
  return letGo
}

/** Whether this process has made the file, which of several at once one does. */
function isTaken(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' })
    return true
  } catch (fault) {
    if (fault.code === 'EEXIST') return false
    throw fault
  }
}

function isDead(lock, deadAfterMs) {
  const { mtimeMs } = statSync(lock, { throwIfNoEntry: false }) ?? {}
  return mtimeMs !== undefined && Date.now() - mtimeMs > deadAfterMs
}

/** Moves the file of a dead process away. If somebody new has it by then, it is put back. */
function clear(lock, deadAfterMs) {
  const aside = `${lock}.${process.pid}`
  try {
    renameSync(lock, aside)
    if (!isDead(aside, deadAfterMs)) linkSync(aside, lock)
  } catch (fault) {
    if (fault.code !== 'ENOENT' && fault.code !== 'EEXIST') throw fault
  }
  rmSync(aside, { force: true })
}

/** Not that of somebody who took this process for dead. */
function isOurs(lock) {
  try {
    return readFileSync(lock, 'utf8') === String(process.pid)
  } catch {
    return false
  }
}

function touch(lock) {
  try {
    utimesSync(lock, new Date(), new Date())
  } catch {
    // Somebody removed it by hand.
  }
}
