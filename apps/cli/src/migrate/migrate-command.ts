import { createHash } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'
import { say } from '@semblance/telemetry'
import { type Command, InvalidArgumentError } from 'commander'
import { EXIT } from '../command/exit-codes.ts'
import { localAction } from '../command/local-action.ts'
import { withJsonOption } from '../command/options.ts'
import type { CommandResult } from '../command/server-action.ts'
import { tableLines } from '../command/table.ts'
import { baseUrl, readKey } from '../server/address.ts'
import { CommandFault, wrongUse } from '../server/command-fault.ts'
import { WireClient, type WireClientOptions } from '../server/wire-client.ts'
import { migrate } from './migrate.ts'
import { type MoveLog, moveLogInMemory, openMoveLog, readEarlierRuns } from './move-log.ts'
import { NewGallery } from './new-gallery.ts'
import { OldGallery } from './old-gallery.ts'
import { type Counts, type Fate, Tally } from './tally.ts'

const DEFAULT_CONCURRENCY = 4
const MAX_CONCURRENCY = 64
const SAY_EVERY_MS = 5_000
/** A server of ours keeps a key for so long; see docs/idempotency.md. */
const KEYS_KEPT_MS = 86_400_000

interface MigrateOptions {
  readonly from: string
  readonly to: string
  readonly fromKey?: string
  readonly toKey?: string
  readonly state?: string
  readonly concurrency: number
  readonly intoExisting: boolean
  readonly retryRefused: boolean
  readonly dryRun: boolean
}

/** `semblance migrate`: persons, groups and pictures from one server of the contract to another, over its API. */
export function addMigrateCommand(program: Command): void {
  withJsonOption(program.command('migrate'))
    .description(
      'copy groups, persons and their pictures to another server; run it again to go on where it ended',
    )
    .requiredOption('--from <url>', 'base URL of the server to read, without /api', baseUrl)
    .requiredOption('--to <url>', 'base URL of the server to fill', baseUrl)
    .option('--from-key <file>', 'file that holds the API key of the first')
    .option('--to-key <file>', 'file that holds the API key of the second')
    .option(
      '--state <file>',
      'what was moved, by ids; by default a file in this folder, named after the two URLs',
    )
    .option('--concurrency <n>', 'persons moved at once', laneCount, DEFAULT_CONCURRENCY)
    .option('--into-existing', 'go on although the target holds groups or persons', false)
    .option('--retry-refused', 'offer the target again what it refused in an earlier run', false)
    .option('--dry-run', 'count what would be moved, and write nothing', false)
    .addHelpText(
      'after',
      '\nExample:\n  semblance migrate --from http://old:4010 --to http://127.0.0.1:41101',
    )
    .action(
      localAction<[], MigrateOptions>(({ options, signal }) => {
        const onStop = () =>
          say('stopping once the requests under way are answered; the same command goes on from here')
        signal.addEventListener('abort', onStop, { once: true })
        return moveAll(options, signal)
      }),
    )
}

/** What was moved, also if it was broken off: another run goes on from there. */
async function moveAll(options: MigrateOptions, signal: AbortSignal): Promise<CommandResult> {
  const { from, to, dryRun } = options
  if (from === to) throw wrongUse('--from and --to are the same server')
  const source = new OldGallery(new WireClient(await clientOptions('source', options, signal)))
  const target = new NewGallery(new WireClient(await clientOptions('target', options, signal)))
  const log = await openLog(options, target)
  const tally = new Tally({ say, monotonic: () => performance.now(), sayEveryMs: SAY_EVERY_MS })
  const deps = { source, target, log, tally, sourceUrl: from, isDryRun: dryRun, now: () => Date.now() }
  let end: CommandFault | null = null
  try {
    await migrate({ ...deps, retriesRefused: options.retryRefused }, { ...options, signal })
  } catch (fault) {
    end = signal.aborted ? (signal.reason as CommandFault) : asCommandFault(fault)
    say(`semblance migrate: ${end.message}`)
  } finally {
    await log.close()
  }
  const why = end === null ? {} : { why: end.message }
  return {
    json: JSON.stringify({ isWhole: end === null, isDryRun: dryRun, ...tally.counts, ...why }),
    lines: linesOf(tally.counts, { isDryRun: dryRun }),
    exitCode: end?.exitCode ?? (tally.hasLosses ? EXIT.found : EXIT.fine),
  }
}

/** Throws what is no fault for people. */
function asCommandFault(fault: unknown): CommandFault {
  if (fault instanceof CommandFault) return fault
  throw fault
}

function linesOf(counts: Counts, { isDryRun }: { readonly isDryRun: boolean }): readonly string[] {
  const columns = [{ title: '' }, ...FATES.map(([, title]) => ({ title, align: 'right' as const }))]
  const rows = Object.entries(counts).map(([kind, byFate]) => [
    kind,
    ...FATES.map(([fate]) => String(byFate[fate])),
  ])
  return [...(isDryRun ? ['Nothing was written. What would be:'] : []), ...tableLines(columns, rows)]
}

const FATES = [
  ['moved', 'moved'],
  ['alreadyThere', 'already there'],
  ['refused', 'refused'],
  ['failed', 'failed'],
  ['expired', 'expired'],
  ['gone', 'gone'],
] as const satisfies readonly (readonly [Fate, string])[]

/** Reads the state and looks at the target before anything is written. */
async function openLog(options: MigrateOptions, target: NewGallery): Promise<MoveLog> {
  const path = options.state ?? defaultState(options)
  const earlier = await readEarlierRuns(path, options)
  const { knowsKeys } = await target.open()
  const isEmpty = await target.isEmpty()
  if (!isEmpty && !earlier.hasBegun && !options.intoExisting) {
    throw new CommandFault(
      `the target is not empty, and ${path} knows of no earlier run; name its --state, or add --into-existing`,
    )
  }
  if (!knowsKeys)
    say('the target does not know Idempotency-Key: after a crash, look for doubles made at that moment')
  else if (earlier.lastNotedMs !== null && Date.now() - earlier.lastNotedMs > KEYS_KEPT_MS) {
    say('the earlier run ended more than a day ago: what it was killed amidst, if it was, may be made again')
  }
  if (earlier.hasBegun || !options.dryRun) say(`${earlier.hasBegun ? 'going on with' : 'state in'} ${path}`)
  return options.dryRun ? moveLogInMemory(earlier) : openMoveLog(path, options, earlier)
}

async function clientOptions(
  name: 'source' | 'target',
  options: MigrateOptions,
  signal: AbortSignal,
): Promise<WireClientOptions> {
  const file = name === 'source' ? options.fromKey : options.toKey
  return {
    name: `the ${name}`,
    keyOption: name === 'source' ? '--from-key' : '--to-key',
    url: name === 'source' ? options.from : options.to,
    key: file === undefined ? null : await readKey(file),
    signal,
    tell: say,
    now: () => Date.now(),
    random: () => Math.random(),
    wait: (ms, waiting) => delay(ms, undefined, { signal: waiting }),
  }
}

function defaultState({ from, to }: MigrateOptions): string {
  const digest = createHash('sha256')
    .update(JSON.stringify([from, to]))
    .digest('hex')
  return `semblance-migrate-${digest.slice(0, 8)}.jsonl`
}

function laneCount(text: string): number {
  const count = Number(text)
  if (Number.isInteger(count) && count >= 1 && count <= MAX_CONCURRENCY) return count
  throw new InvalidArgumentError(`must be a whole number from 1 to ${MAX_CONCURRENCY}`)
}
