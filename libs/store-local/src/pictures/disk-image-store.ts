import { existsSync } from 'node:fs'
import { access, constants, lstat, lutimes, mkdir, rename, rm, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type Clock,
  dataUnreadable,
  type ImageId,
  type ImageStore,
  isUuid,
  type PictureListQuery,
  picturesUnavailable,
  type Waiting,
} from '@semblance/core'
import { syncFolder, writeSynced } from '@semblance/files'
import type { DiskRoom } from '../data-folder/disk-room.ts'
import { whyUnavailable } from '../data-folder/why-unavailable.ts'
import { isPictureFile, namesAfter, nullIfAbsent, readPictureFile } from './picture-files.ts'

export interface DiskImageStoreOptions {
  readonly folder: string
  /** Judges the age of a picture against the file system's time of writing. */
  readonly clock: Clock
  /** The room of the disk that the folder is on. Without it the disk is taken to have room. */
  readonly room?: DiskRoom | undefined
}

const PARTIAL = '.partial'
/** The folder is flat: what no record speaks of is little, or soon looked at. */
const ASIDE = 'set-aside'
const FAN_OUT = Array.from({ length: 256 }, (_, i) => i.toString(16).padStart(2, '0'))

/** Throws E_DATA_UNREADABLE if the folder cannot be made or written. One process at a time. */
export async function openDiskImageStore(options: DiskImageStoreOptions): Promise<ImageStore> {
  try {
    // Whatever lies there was never acknowledged: its writer died before the rename.
    await rm(join(options.folder, PARTIAL), { recursive: true, force: true })
    await mkdir(join(options.folder, PARTIAL), { recursive: true, mode: 0o700 })
    await mkdir(join(options.folder, ASIDE), { recursive: true, mode: 0o700 })
    await Promise.all(
      FAN_OUT.map((part) => mkdir(join(options.folder, part), { recursive: true, mode: 0o700 })),
    )
    await syncFolder(options.folder)
  } catch (error) {
    throw dataUnreadable(options.folder, error instanceof Error ? error.message : String(error), error)
  }
  return new DiskImageStore(options)
}

export type DiskImageReader = Pick<ImageStore, 'get' | 'list' | 'listSetAside'> & {
  /** Where the file of a picture is, or would be. */
  placeOf(id: ImageId): string
}

/**
 * The same pictures for a look from outside: nothing is made or changed, and a server may be at work on them. A backup
 * has only the folders that its pictures need, so that a folder that is not there is one without a picture.
 */
export function readDiskImages(options: DiskImageStoreOptions): DiskImageReader {
  const store = new DiskImageStore(options, { folderMayBeAbsent: true })
  const isThere = (part: string) => existsSync(join(options.folder, part))
  return {
    placeOf: (id) => store.placeOf(id),
    get: async (id, waiting) => (isThere(id.slice(-2)) ? store.get(id, waiting) : null),
    list: (query, waiting) => store.list(query, waiting),
    listSetAside: (query, waiting) => store.listSetAside(query, waiting),
  }
}

/** One file a picture, at `folder/ab/<image id>`: `ab` are the id's last digits, the first are those of the day. */
class DiskImageStore implements ImageStore {
  readonly #folder: string
  readonly #clock: Clock
  readonly #room: DiskRoom | undefined
  readonly #folderMayBeAbsent: boolean
  #partials = 0

  constructor(
    { folder, clock, room }: DiskImageStoreOptions,
    { folderMayBeAbsent } = { folderMayBeAbsent: false },
  ) {
    this.#folderMayBeAbsent = folderMayBeAbsent
    this.#room = room
    this.#folder = folder
    this.#clock = clock
  }

  placeOf(id: ImageId): string {
    return join(this.#folderOf(id), id)
  }

  put(id: ImageId, bytes: Uint8Array, waiting?: Waiting): Promise<void> {
    return translated(async () => {
      waiting?.signal?.throwIfAborted()
      this.#room?.require()
      const folder = this.#folderOf(id)
      this.#partials += 1
      const partial = join(this.#folder, PARTIAL, `${id}.${this.#partials}`)
      try {
        await writeSynced(partial, bytes, 0o600)
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
    return translated(async () => {
      const picture = await nullIfAbsent(readPictureFile(this.placeOf(id), waiting))
      // With its folder gone the store is away, and nobody knows whether there is such a picture.
      if (picture === null) await access(this.#folderOf(id))
      return picture
    }, waiting)
  }

  delete(id: ImageId, waiting?: Waiting): Promise<void> {
    return translated(async () => {
      waiting?.signal?.throwIfAborted()
      for (const folder of [this.#folderOf(id), this.#aside]) {
        await nullIfAbsent(unlink(join(folder, id)))
        // The folder is synced also when the file was absent: an earlier delete may have died between these two lines.
        await syncFolder(folder)
      }
    }, waiting)
  }

  setAside(id: ImageId, waiting?: Waiting): Promise<void> {
    return translated(async () => {
      waiting?.signal?.throwIfAborted()
      const folder = this.#folderOf(id)
      const now = new Date(this.#clock.now())
      if (!(await isPictureFile(join(folder, id)))) return
      // Its time is set before the move: it is kept from now on, and what dies in between has only become younger.
      await nullIfAbsent(lutimes(join(folder, id), now, now))
      await nullIfAbsent(rename(join(folder, id), join(this.#aside, id)))
      await this.#syncMove(this.#aside, folder)
    }, waiting)
  }

  restore(id: ImageId, waiting?: Waiting): Promise<void> {
    return translated(async () => {
      waiting?.signal?.throwIfAborted()
      const folder = this.#folderOf(id)
      const isTaken = await isPictureFile(join(folder, id))
      const held = join(this.#aside, id)
      if (!(await isPictureFile(held))) return
      await nullIfAbsent(isTaken ? unlink(held) : rename(held, join(folder, id)))
      await this.#syncMove(folder, this.#aside)
    }, waiting)
  }

  listSetAside(query: PictureListQuery, waiting?: Waiting): Promise<readonly ImageId[]> {
    return translated(() => this.#listOld([this.#aside], query, waiting), waiting)
  }

  list(query: PictureListQuery, waiting?: Waiting): Promise<readonly ImageId[]> {
    const folders = FAN_OUT.map((part) => join(this.#folder, part))
    return translated(() => this.#listOld(folders, query, waiting), waiting)
  }

  check(waiting?: Waiting): Promise<void> {
    return translated(() => access(join(this.#folder, PARTIAL), constants.R_OK | constants.W_OK), waiting)
  }

  async close(): Promise<void> {}

  get #aside(): string {
    return join(this.#folder, ASIDE)
  }

  /** The new name first: a power cut in between leaves two names, never none. */
  async #syncMove(to: string, from: string): Promise<void> {
    await syncFolder(to)
    await syncFolder(from)
  }

  async #listOld(
    folders: readonly string[],
    { after, limit, untouchedMs }: PictureListQuery,
    waiting?: Waiting,
  ): Promise<readonly ImageId[]> {
    const found: ImageId[] = []
    for (let from: string = after ?? ''; found.length < limit; ) {
      const query = { after: from, limit, folderMayBeAbsent: this.#folderMayBeAbsent }
      const named = await namesAfter(folders, query, waiting)
      for (const [name, folder] of named) {
        if (found.length < limit && (await this.#isUntouched(join(folder, name), untouchedMs)))
          found.push(name as ImageId)
      }
      if (named.length < limit) break
      from = named.at(-1)?.[0] ?? from
    }
    return found
  }

  async #isUntouched(file: string, untouchedMs: number): Promise<boolean> {
    // Whatever its age: spared, since a start asks for tens of thousands.
    if (untouchedMs <= 0) return true
    const status = await nullIfAbsent(lstat(file))
    return status !== null && status.mtimeMs <= this.#clock.now() - untouchedMs
  }

  #folderOf(id: ImageId): string {
    // Ids come from requests in the end: nothing but a UUID may become part of a path.
    if (!isUuid(id)) throw new TypeError('an image id must be a UUID')
    return join(this.#folder, id.slice(-2))
  }
}

async function translated<T>(task: () => Promise<T>, waiting?: Waiting): Promise<T> {
  try {
    return await task()
  } catch (error) {
    if (waiting?.signal?.aborted === true) throw waiting.signal.reason
    throw isFileError(error) ? picturesUnavailable(error, whyUnavailable(error.code)) : error
  }
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'errno' in error
}
