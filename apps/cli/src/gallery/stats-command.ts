import type { Command } from 'commander'
import { z } from 'zod'
import { serverAction, withServerOptions } from '../command/server-action.ts'
import { tableLines } from '../command/table.ts'

const lane = z.object({
  waiting: z.number(),
  active: z.number(),
  preparing: z.number(),
  oldestWaitingMs: z.number(),
})
const statsAnswer = z.object({
  persons: z.number(),
  groups: z.number(),
  images: z.number(),
  pictureBytes: z.number(),
  pack: z.string().nullable(),
  indexedImages: z.number(),
  overdue: z.record(z.string(), z.object({ count: z.number(), oldestMs: z.number() })),
  queue: z.record(z.string(), lane),
  imports: z.record(z.string(), z.number()).optional(),
})
type Stats = z.infer<typeof statsAnswer>

/** `semblance stats`: how much there is, and how much waits. */
export function addStatsCommand(program: Command): void {
  withServerOptions(program.command('stats'))
    .description('tell how much a server holds, and how much work waits')
    .addHelpText('after', '\nExample:\n  semblance stats')
    .action(
      serverAction(async ({ calls }) => {
        const { value, json } = await calls.ask({ method: 'GET', path: '/stats' }, statsAnswer)
        return { json, lines: [...galleryLines(value), '', ...queueLines(value)] }
      }),
    )
}

function galleryLines({ persons, groups, images, pictureBytes, pack, ...more }: Stats): readonly string[] {
  const overdue = Object.values(more.overdue).reduce((sum, { count }) => sum + count, 0)
  const rows = [
    ['persons', String(persons)],
    ['groups', String(groups)],
    ['images', String(images)],
    ['in the index', String(more.indexedImages)],
    ['pictures', `${(pictureBytes / 1_000_000).toFixed(1)} MB`],
    ['model pack', pack ?? 'none yet'],
    ['overdue for tidying', String(overdue)],
    ...Object.entries(more.imports ?? {}).map(([state, count]) => [`imports ${state}`, String(count)]),
  ]
  return tableLines([{ title: 'gallery' }, { title: '', align: 'right' }], rows)
}

function queueLines({ queue }: Stats): readonly string[] {
  const rows = Object.entries(queue).map(([name, { waiting, active, preparing, oldestWaitingMs }]) => [
    name,
    ...[waiting, active, preparing].map(String),
    `${(oldestWaitingMs / 1000).toFixed(1)} s`,
  ])
  const counted = ['waiting', 'active', 'preparing', 'oldest'].map((title) => ({
    title,
    align: 'right' as const,
  }))
  return tableLines([{ title: 'lane' }, ...counted], rows)
}
