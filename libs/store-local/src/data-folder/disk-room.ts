import { randomFillSync } from 'node:crypto'
import { open, rm, stat, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type EnrollmentRoom, type RepeatedPass, repeatPass, storageFull } from '@semblance/core'

export interface DiskRoomOptions {
  /** The data folder, there and locked. */
  readonly folder: string
  /** What enrollment leaves free. 0: it takes all, and there is no reserve. */
  readonly floorBytes: number
  /** This is told when enrollment begins to be refused, and when it goes on. */
  readonly onChange: (state: { readonly isScarce: boolean; readonly freeBytes: number }) => void
  /** The disk could not be looked at, or the reserve not be made; told once until it can. */
  readonly onFault: (fault: unknown) => void
  /** The time between two looks; 1000 by default. */
  readonly everyMs?: number
}

/**
 * Deletions write some 100 KB each into the log of the database until it is emptied, within a second or so: enough for a
 * hundred a second, and for what the last enrollments have left in the log.
 */
const RESERVE_BYTES = 16_000_000
/** A start needs some room for the files of the database beside it. */
const START_BYTES = 4_000_000
/** Enrollment goes on when there is this much more than the floor, so that it does not come and go by the second. */
const SLACK = 1.1
const PIECE_BYTES = 1_000_000

/** Looks once before it resolves, then again and again until it is closed. */
export async function openDiskRoom(options: DiskRoomOptions): Promise<DiskRoom> {
  const room = new DiskRoom(options)
  await room.prepare()
  return room
}

/**
 * Room on the disk of a data folder. Enrollment is refused before the disk is full, and a file of some megabytes lies there
 * to be given up when others have filled it: deleting and erasing have to be written, too, and have always room.
 */
export class DiskRoom implements EnrollmentRoom {
  /** Whoever has to erase something and finds the disk full removes it; it is made again later. */
  readonly reserveFile: string
  readonly #options: DiskRoomOptions
  #isScarce = false
  #isBlind = false
  #looks: RepeatedPass | null = null

  constructor(options: DiskRoomOptions) {
    this.#options = options
    this.reserveFile = join(options.folder, 'reserve')
  }

  async prepare(): Promise<void> {
    const { everyMs = 1_000 } = this.#options
    if ((await this.freeBytes()) < START_BYTES) await rm(this.reserveFile, { force: true })
    await this.#judge()
    this.#looks = repeatPass(() => this.#lookAgain(), { everyMs, onFault: (fault) => this.#tell(fault) })
  }

  /** Throws E_STORAGE_FULL where something is to be added and the disk is nearly full. */
  require(): void {
    if (this.#isScarce) throw storageFull()
  }

  /** It looks at the disk itself, every second. */
  noteFull(): void {}

  /** What this process may still write to the disk; the reserve does not count. */
  async freeBytes(): Promise<number> {
    const { bavail, bsize } = await statfs(this.#options.folder)
    return bavail * bsize
  }

  async close(): Promise<void> {
    await this.#looks?.stop()
  }

  async #lookAgain(): Promise<void> {
    await this.#look()
    this.#isBlind = false
  }

  #tell(fault: unknown): void {
    if (!this.#isBlind) this.#options.onFault(fault)
    this.#isBlind = true
  }

  async #look(): Promise<void> {
    await this.#judge()
    const { floorBytes } = this.#options
    const wanted = Math.min(RESERVE_BYTES, floorBytes)
    const held = await stat(this.reserveFile).catch(() => null)
    const missing = wanted - (held?.size ?? 0)
    if (missing < 0) await rm(this.reserveFile, { force: true })
    if (missing > 0 && (await this.freeBytes()) - missing >= floorBytes) await this.#fillReserve(wanted)
  }

  async #judge(): Promise<void> {
    const { floorBytes, onChange } = this.#options
    const freeBytes = await this.freeBytes()
    const isScarce = freeBytes < (this.#isScarce ? floorBytes * SLACK : floorBytes)
    if (isScarce === this.#isScarce) return
    this.#isScarce = isScarce
    onChange({ isScarce, freeBytes })
  }

  /** The file holds noise, because a file system that compresses would keep no room for zeros. */
  async #fillReserve(bytes: number): Promise<void> {
    const piece = randomFillSync(Buffer.alloc(PIECE_BYTES))
    const file = await open(this.reserveFile, 'w', 0o600)
    try {
      for (let at = 0; at < bytes; at += PIECE_BYTES)
        await file.write(piece, 0, Math.min(PIECE_BYTES, bytes - at))
      await file.sync()
    } finally {
      await file.close()
    }
  }
}
