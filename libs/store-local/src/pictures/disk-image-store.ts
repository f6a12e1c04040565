import { access, constants, mkdir, open, readdir, readFile, rename, rm, stat, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Clock,
  dataUnreadable,
  type ImageId,
  type ImageStore,
  isUuid,
  picturesUnavailable,
  type Waiting,
} from '@semblance/core'
import { syncFolder } from '../data-folder/sync-folder.ts'
import { smallestNames } from './smallest-names.ts'

export interface DiskImageStoreOptions {
  readonly folder: string
  /** Judges the age of a picture against the file system's time of writing. */
  readonly clock: Clock
}

const PARTIAL = '.partial'
const FAN_OUT = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

/** Throws E_DATA_UNREADABLE if the folder cannot be made or written. One process at a time. */
export async function openDiskImageStore(options: DiskImageStoreOptions): Promise<ImageStore> {
  try {
    // Whatever lies there was never acknowledged: its writer died before the rename.
    await rm(join(options.folder, PARTIAL), { recursive: true, force: true })
    await mkdir(join(options.folder, PARTIAL), { recursive: true, mode: 0o700 })
    await Promise.all(
      FAN_OUT.map((part) => mkdir(join(options.folder, part), { recursive: true, mode: 0o700 })),
    )
    await syncFolder(options.folder)
  } catch (error) {
    throw dataUnreadable(options.folder, error instanceof Error ? error.message : String(error), error)
  }
  return new DiskImageStore(options)
}

/** One file a picture, at `folder/ab/<image id>`: `ab` are the id's last digits, the first are those of the day. */
class DiskImageStore implements ImageStore {
  readonly #folder: string
  readonly #clock: Clock
  #partials = 0

  constructor({ folder, clock }: DiskImageStoreOptions) {
    this.#folder = folder
    this.#clock = clock
  }

  put(id: ImageId, bytes: Uint8Array, waiting?: Waiting): Promise<void> {
    return translated(async () => {
      waiting?.signal?.throwIfAborted()
      const folder = this.#folderOf(id)
      this.#partials += 1
      const partial = join(this.#folder, PARTIAL, `${id}.${this.#partials}`)
      try {
        await writeSynced(partial, bytes)
        waiting?.signal?.throwIfAborted()
        await rename(partial, join(folder, id))
      } catch (error) {
        await rm(partial, { force: true })
        throw error
      }
      await syncFolder(folder)
    }, waiting)
  }

  get(id: ImageId, waiting?: Waiting): Promise<Uint8Array | null> {
    return translated(() => {
      const file = join(this.#folderOf(id), id)
      return nullIfAbsent(readFile(file, { signal: waiting?.signal }))
    }, waiting)
  }

  delete(id: ImageId, waiting?: Waiting): Promise<void> {
    return translated(async () => {
      waiting?.signal?.throwIfAborted()
      const folder = this.#folderOf(id)
      await nullIfAbsent(unlink(join(folder, id)))
      // Also when it was absent: an earlier delete may have died between these two lines.
      await syncFolder(folder)
    }, waiting)
  }

  list(
    query: { readonly after: ImageId | null; readonly limit: number; readonly untouchedMs: number },
    waiting?: Waiting,
  ): Promise<readonly ImageId[]> {
    return translated(async () => {
      const found: ImageId[] = []
      let after: string = query.after ?? ''
      while (found.length < query.limit) {
        const names = await this.#namesAfter(after, query.limit, waiting)
        for (const name of names) {
          if (found.length < query.limit && (await this.#isUntouched(name, query.untouchedMs)))
            found.push(name)
        }
        if (names.length < query.limit) break
        after = names.at(-1) ?? after
      }
      return found
    }, waiting)
  }

  check(waiting?: Waiting): Promise<void> {
    return translated(() => access(join(this.#folder, PARTIAL), constants.R_OK | constants.W_OK), waiting)
  }

  async close(): Promise<void> {}

  async #namesAfter(after: string, limit: number, waiting?: Waiting): Promise<readonly ImageId[]> {
    const smallest = smallestNames(limit)
    for (const part of FAN_OUT) {
      waiting?.signal?.throwIfAborted()
      for (const name of await readdir(join(this.#folder, part))) {
        if (name > after && isUuid(name)) smallest.add(name)
      }
    }
    return smallest.take() as readonly ImageId[]
  }

  async #isUntouched(id: ImageId, untouchedMs: number): Promise<boolean> {
    const file = await nullIfAbsent(stat(join(this.#folderOf(id), id)))
    return file !== null && file.mtimeMs <= this.#clock.now() - untouchedMs
  }

  #folderOf(id: ImageId): string {
    // Ids come from requests in the end: nothing but a UUID may become part of a path.
    if (!isUuid(id)) throw new TypeError('an image id must be a UUID')
    return join(this.#folder, id.slice(-2))
  }
}

async function writeSynced(file: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(file, 'wx', 0o600)
  try {
    await handle.writeFile(bytes)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

async function nullIfAbsent<T>(result: Promise<T>): Promise<T | null> {
  try {
    return await result
  } catch (error) {
    if (isFileError(error) && error.code === 'ENOENT') return null
    throw error
  }
}

async function translated<T>(task: () => Promise<T>, waiting?: Waiting): Promise<T> {
  try {
    return await task()
  } catch (error) {
    if (waiting?.signal?.aborted === true) throw waiting.signal.reason
    throw isFileError(error) ? picturesUnavailable(error) : error
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error
}
