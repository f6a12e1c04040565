import { rename, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { syncFolder } from '@semblance/files'
import { REMOVING, type WholeBackup } from './backup-folder.ts'

const DAY_MS = 86_400_000
/** 1970-01-01 was a Thursday, and a week begins on Monday. */
const DAYS_BEFORE_MONDAY = 3

/** Which backups stay: those that any of the rules names. Without a rule, all stay. */
export interface Retention {
  /** The newest ones, so many. */
  readonly keep?: number
  /** The newest of each of the last so many days that have one; by UTC. */
  readonly keepDaily?: number
  /** The newest of each of the last so many weeks that have one. */
  readonly keepWeekly?: number
}

/** Those that no rule keeps. @param backups newest first; the first one always stays */
export function outdated(backups: readonly WholeBackup[], rules: Retention): readonly WholeBackup[] {
  const { keep, keepDaily, keepWeekly } = rules
  if (keep === undefined && keepDaily === undefined && keepWeekly === undefined) return []
  const kept = new Set([
    ...backups.slice(0, Math.max(1, keep ?? 0)),
    ...newestOfEach(backups, keepDaily ?? 0, dayOf),
    ...newestOfEach(backups, keepWeekly ?? 0, weekOf),
  ])
  return backups.filter((backup) => !kept.has(backup))
}

function newestOfEach(
  backups: readonly WholeBackup[],
  most: number,
  spanOf: (backup: WholeBackup) => number,
): readonly WholeBackup[] {
  const newest = new Map<number, WholeBackup>()
  for (const backup of backups) {
    const span = spanOf(backup)
    if (!newest.has(span)) newest.set(span, backup)
  }
  return [...newest.values()].slice(0, most)
}

function dayOf({ summary }: WholeBackup): number {
  return Math.floor(Date.parse(summary.at) / DAY_MS)
}

function weekOf(backup: WholeBackup): number {
  return Math.floor((dayOf(backup) + DAYS_BEFORE_MONDAY) / 7)
}

/** Removes a backup. It loses its name first: what a crash leaves is no backup any more, and the next one clears it away. */
export async function removeBackup({ path }: WholeBackup): Promise<void> {
  const folder = dirname(path)
  const leaving = join(folder, `${REMOVING}${basename(path)}`)
  await rename(path, leaving)
  await syncFolder(folder)
  await rm(leaving, { recursive: true, force: true })
}
