import {
  type CountedImports,
  type Import,
  type ImportProgress,
  type ImportSource,
  OUTCOME_KINDS,
  type ProgressDeps,
  type RowCounts,
  readProgress,
  totalRows,
  WAITS_FOR,
  type Waiting,
  withoutUser,
} from '@semblance/core'
import { z } from 'zod'

const time = z.string().meta({ format: 'date-time' })
const id = z.string().meta({ format: 'uuid' })

const rowCounts = z.object({
  total: z.int(),
  waiting: z.int().meta({ description: 'In no work yet.' }),
  underWay: z.int(),
  ended: z.int(),
  byOutcome: z
    .partialRecord(z.enum(OUTCOME_KINDS), z.int())
    .meta({ description: 'Ended rows, by what came of them.' }),
  stagedBytes: z.int().meta({ description: 'Bytes of pictures that wait for their row.' }),
  oldestWaitingSeconds: z.number(),
})

const source = z.object({
  url: z.string().meta({ description: 'Without what follows a "?", which may be a signature.' }),
  pattern: z.string().optional(),
  encoding: z.string().optional(),
  close: z.boolean().meta({ description: 'Whether the import is closed once all has been read.' }),
  state: z.enum(['reading', 'read', 'failed']),
  why: z.string().optional().meta({ description: 'What is wrong, or holds it up.' }),
  cursor: z.string().optional().meta({
    description: 'Where reading goes on: the object that was taken last, or how much of a file was.',
  }),
  rows: z.int().meta({ description: 'Rows that it has given, wrong ones included.' }),
  conflicts: z.int().meta({
    description:
      'Those of them whose key was there with other contents, which stay. Each is in the report as invalid, under its key and a digest.',
  }),
  notes: z.array(z.string()).optional().meta({
    description:
      'What is to be told of the source as a whole, such as columns that are not read; the first 20. Of the last reading that began at the beginning.',
  }),
})

const progress = z.object({
  takenBytes: z.int().meta({ description: 'Bytes of the pictures that came with rows.' }),
  rowsPerSecond: z.number().nullable().meta({
    description: 'From the first row that ended to the last, pauses included; null: not known yet.',
  }),
  rowsPerSecondLately: z.number().nullable().meta({
    description: 'In the last minute, or in the part of it in which rows ended; null: not known.',
  }),
  etaSeconds: z.number().nullable().meta({
    description: 'For the rows that are there, at the rate of the last minute; null: not known.',
  }),
  waitsFor: z.enum(WAITS_FOR).nullable().meta({
    description:
      'Why nothing moves. rows: it is open, and has none to do. paused: it was asked to. searches-first: more urgent calls wait, and go first. jobs: other jobs of the lowest lane are done, of other imports and operations, or slow rows of its own. links: servers behind links are slow. process: the one that handed out its rows has died or stands still; another one takes over within 30 seconds. workers: none serves the lane. store: of persons, vectors or pictures; it is away. queue: it is away or full. disk: it is nearly full. null: it moves or has ended, or nobody can tell.',
  }),
})

export const importView = z
  .object({
    id,
    name: z.string(),
    state: z.enum(['open', 'running', 'paused', 'cancelled', 'done']).meta({
      description:
        'open: rows may be added, and are worked on as they come. running: all rows are in. done: ended. cancelled: no row is begun any more; those that wait end as cancelled, and their pictures are removed.',
    }),
    takesRows: z.boolean(),
    faces: z.enum(['one', 'central', 'largest']),
    quality: z.array(z.object({ name: z.string(), range: z.array(z.number()).nullable() })),
    samePicture: z.enum(['skip', 'enroll']),
    samePerson: z.enum(['off', 'report', 'refuse']),
    onConflict: z.enum(['keep', 'update']),
    trustDescriptors: z.boolean(),
    dryRun: z.boolean(),
    groups: z.array(id),
    createdAt: time,
    updatedAt: time,
    endedAt: time.optional().meta({
      description: 'When it was done, or when all rows of a cancelled one had ended.',
    }),
    source: source.optional().meta({ description: 'Where the server itself takes rows from.' }),
    rows: rowCounts.meta({
      description:
        'A second old at most, or, if counting takes longer than a tenth of that, ten times as old as that took, and 10 s at most; in the first ten seconds of a process a second. With the state done, and with endedAt, they are those of the end.',
    }),
    progress,
  })
  .meta({ id: 'Import' })

export const retriedImport = importView
  .extend({ retried: z.int().meta({ description: 'Rows that are tried again.' }) })
  .meta({ id: 'RetriedImport' })

export const importPage = z
  .object({
    items: z.array(importView),
    page: z.int(),
    totalPages: z.int(),
    nextCursor: z.string().optional(),
  })
  .meta({ id: 'ImportPage' })

export interface ViewDeps extends ProgressDeps {
  readonly counted: CountedImports
}

/** An import with how far it is. `made` must have been read just before; its rows may have been counted earlier, for others. */
export async function readImportView(deps: ViewDeps, made: Import, waiting?: Waiting) {
  const { counts, pace } = await deps.counted.standingOf(made, waiting)
  return viewImport(made, counts, await readProgress(deps, { made, counts, pace }))
}

export type ImportView = Awaited<ReturnType<typeof readImportView>>

function viewImport(made: Import, counts: RowCounts, now: ImportProgress) {
  const { id: importId, name, state, takesRows, policies, groups, createdAt, updatedAt, endedAt } = made
  const { faces, quality, samePicture, samePerson, onConflict, trustDescriptors = false, dryRun } = policies
  return {
    id: importId,
    name,
    state,
    takesRows,
    faces,
    quality,
    samePicture,
    samePerson,
    onConflict,
    trustDescriptors,
    dryRun,
    groups,
    createdAt: isoTime(createdAt),
    updatedAt: isoTime(updatedAt),
    ...(endedAt === null ? {} : { endedAt: isoTime(endedAt) }),
    ...(made.source === null ? {} : { source: viewSource(made.source) }),
    rows: viewCounts(counts),
    progress: now,
  }
}

function viewSource({ url, pattern, encoding = null, closes, state, why, cursor, ...made }: ImportSource) {
  // A key of a bucket may have a "?"; no link to a bucket is signed. A process of an older version may keep users and passwords.
  const shown = /^https?:/i.test(url) ? withoutUser(url).replace(/\?.*$/s, '') : url
  return {
    url: shown,
    ...(pattern === null ? {} : { pattern }),
    ...(encoding === null ? {} : { encoding }),
    close: closes,
    state,
    ...(why === null ? {} : { why }),
    ...(cursor === null ? {} : { cursor }),
    rows: made.rows,
    conflicts: made.conflicts ?? 0,
    ...(made.notes === undefined ? {} : { notes: made.notes }),
  }
}

function viewCounts(counts: RowCounts) {
  const total = totalRows(counts)
  return {
    total,
    waiting: counts.waiting,
    underWay: counts.claimed,
    ended: total - counts.waiting - counts.claimed,
    byOutcome: counts.ended,
    stagedBytes: counts.stagedBytes,
    oldestWaitingSeconds: counts.oldestWaitingMs / 1000,
  }
}

function isoTime(ms: number): string {
  return new Date(ms).toISOString()
}
