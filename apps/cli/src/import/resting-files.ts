import { stat } from 'node:fs/promises'
import { join } from 'node:path'

/** A file that was changed less than this ago may still be written. */
const REST_MS = 2_000

/**
 * Tells which files of a folder have come to rest: a file is taken once, when its size and time are those of the look
 * before and it has not been changed for a while. One that is changed afterwards is taken again.
 */
export class RestingFiles {
  readonly #root: string
  readonly #now: () => number
  /** By path: how the file was at the last look, and whether it was taken so. */
  readonly #seen = new Map<string, { readonly form: string; readonly isTaken: boolean }>()
  /** Paths that were asked for in the look under way. */
  readonly #met = new Set<string>()

  constructor(root: string, now: () => number = Date.now) {
    this.#root = root
    this.#now = now
  }

  async takes(path: string): Promise<boolean> {
    const stats = await stat(join(this.#root, path)).catch(() => null)
    if (stats === null) {
      this.#seen.delete(path)
      return false
    }
    const form = `${stats.size} ${stats.mtimeMs} ${stats.ino}`
    const before = this.#seen.get(path)
    // A clock that is behind that of the disk must not hold a file back for ever: it rests if it is as it was.
    const isOld = Math.abs(this.#now() - stats.mtimeMs) >= REST_MS
    const isTaken = before?.form === form && (before.isTaken || isOld)
    this.#seen.set(path, { form, isTaken })
    this.#met.add(path)
    return isTaken && !before?.isTaken
  }

  /** To be called after each look at the whole folder: files that have left it are forgotten, lest they add up over months. */
  endLook(): void {
    for (const path of this.#seen.keys()) if (!this.#met.has(path)) this.#seen.delete(path)
    this.#met.clear()
  }
}
