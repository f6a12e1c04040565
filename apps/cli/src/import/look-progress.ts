import type { Look } from '@semblance/import-sources'
import { openProgress, type Progress } from '../command/progress.ts'

/** Most archives are looked through sooner, and nothing is told of them. */
const TOLD_AFTER_MS = 1_000
/** A piece is 64 KB: a disk gives thousands of them in a second. */
const TOLD_EVERY_MS = 250
const MB = 1_000_000

export interface LookProgress {
  readonly onLook: (look: Look) => void
  stop(): void
}

/** Tells how far an archive was looked through, in MB, if that takes long: a bar on a terminal, lines elsewhere. */
export function lookProgress(
  now: () => number = Date.now,
  open: () => Progress = () => openProgress('MB', now, 'looked through'),
): LookProgress {
  const progress = open()
  let next = now() + TOLD_AFTER_MS
  return {
    onLook: ({ bytes, total }) => {
      if (now() < next) return
      next = now() + TOLD_EVERY_MS
      progress.update({ done: Math.floor(bytes / MB), total: Math.ceil(total / MB) })
    },
    stop: () => progress.stop(),
  }
}
