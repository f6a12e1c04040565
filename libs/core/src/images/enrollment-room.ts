import { AppError, storageFull } from '../errors.ts'
import type { Clock } from '../ports/clock.ts'

/** Whether the stores have room for what is to be enrolled. It is asked before the work, which is dear. */
export interface EnrollmentRoom {
  /** Throws E_STORAGE_FULL where enrollment would be refused in the end. */
  require(): void
  /** This is told when a store had no room. */
  noteFull(): void
}

/** For so long nobody tries again: one enrollment in this time does its work for nothing. */
const REMEMBERED_MS = 10_000

/** For stores that tell that they are full only when they are written to: it remembers that one did. */
export function rememberedRoom(clock: Pick<Clock, 'monotonic'>): EnrollmentRoom {
  let until = Number.NEGATIVE_INFINITY
  return {
    require: () => {
      if (clock.monotonic() < until) throw storageFull('a store was full a moment ago')
    },
    noteFull: () => {
      until = clock.monotonic() + REMEMBERED_MS
    },
  }
}

/** Runs what enrolls a picture, if there is room. */
export async function withinRoom<T>(room: EnrollmentRoom | undefined, enroll: () => Promise<T>): Promise<T> {
  room?.require()
  try {
    return await enroll()
  } catch (error) {
    if (error instanceof AppError && error.code === 'E_STORAGE_FULL') room?.noteFull()
    throw error
  }
}
