import { LANES } from '@semblance/core'
import { z } from 'zod'

const count = z.int().min(0)
const time = z.string().meta({ format: 'date-time', example: '2026-11-24T09:30:00.000Z' })
const ms = z.number().min(0)

const strangerRatesView = z.array(
  z.object({
    distance: z.number().meta({ example: 0.93 }),
    rate: z.number().meta({
      description: 'The share of pairs of different people that are so near, or nearer.',
      example: 3.16e-6,
    }),
  }),
)

/** How the installation stands. No id of a person, no address and no secret is in it. */
export const systemView = z
  .object({
    shape: z.enum(['standalone', 'cluster']),
    version: z.string().meta({ example: '0.1.0' }),
    node: z.string().meta({ description: 'Version of Node.', example: '24.11.1' }),
    startedAt: time.meta({ description: 'Of the process that answers.' }),
    uptimeMs: count,
    pack: z
      .object({
        id: z.string().meta({ example: 'builtin@2' }),
        name: z.string().meta({ example: 'builtin' }),
        version: z.string().meta({ example: '2' }),
        descriptorLength: count,
        strangers: z
          .object({
            search: strangerRatesView.meta({ description: 'A picture against what is enrolled.' }),
            match: strangerRatesView.meta({ description: 'Two pictures, neither of them enrolled.' }),
            enrolled: strangerRatesView.meta({ description: 'Two enrolled pictures.' }),
          })
          .optional()
          .meta({
            description:
              'How often the faces of strangers come how near, by growing distance. Times the pictures that are searched: so many strangers are to be expected within the distance. Between two points the logarithm of `rate` is linear. Left out where nobody has measured it.',
          }),
        moveTo: z.string().optional().meta({
          description:
            'The pack that new galleries get, where this one has another: `semblance redescribe --pack` moves it there, while it serves.',
        }),
      })
      .meta({ description: 'What describes faces now.' }),
    counts: z
      .object({ persons: count, groups: count, images: count, pictureBytes: count, indexedImages: count })
      .nullable()
      .meta({ description: 'As of half a minute ago, or longer; null while a store does not answer.' }),
    lanes: z
      .record(
        z.enum(LANES),
        z.object({
          waiting: count,
          running: count,
          preparing: count.meta({
            description: 'They wait for strangers, as for the picture behind a link.',
          }),
          oldestMs: count.meta({ description: 'Of those that wait; 0 if there is none.' }),
          workers: count.meta({ description: 'Processes that serve the lane.' }),
        }),
      )
      .nullable()
      .meta({ description: 'Null while the queue does not answer.' }),
    latencies: z
      .array(
        z.object({
          kind: z.enum(['stage', 'wait', 'run', 'request']).meta({
            description:
              'A stage of a job (only where jobs run in this process), the wait and the run of a job, a request until its answer.',
          }),
          name: z.string().meta({ example: 'search' }),
          count: count.meta({ description: 'Samples of the last five minutes, the latest 256 at most.' }),
          p50Ms: ms,
          p95Ms: ms,
        }),
      )
      .meta({ description: 'Of this process.' }),
    dependencies: z.array(
      z.object({
        name: z.string().meta({ example: 'index' }),
        up: z.boolean(),
        since: time.meta({ description: 'When this process first saw it so.' }),
        reason: z.string().optional().meta({ description: 'Why it is down.' }),
      }),
    ),
    faults: z
      .array(
        z.object({
          code: z.string().meta({ example: 'E_OVERLOADED' }),
          where: z.string().meta({ description: 'In a request, a job, a thread, or the process.' }),
          count: count.meta({ description: 'Since this process began.' }),
          lastAt: time,
        }),
      )
      .meta({ description: 'Of this process, in the last day; the latest first.' }),
    keys: z
      .array(
        z.object({
          name: z.string().meta({
            description: 'What the settings call the key, or 16 digits of its hash: it gives no key away.',
            example: '7692c3ad3540bb80',
          }),
          mayHaveDescriptors: z.boolean(),
        }),
      )
      .meta({ description: 'The API keys that are set; none: everybody may call.' }),
    diskFreeBytes: count
      .nullable()
      .meta({ description: 'Beside the reserve, on the disk of the data folder; null where there is none.' }),
  })
  .meta({ id: 'System' })
export type SystemView = z.infer<typeof systemView>
