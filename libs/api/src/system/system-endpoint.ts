import { LANES, type StrangerRate, type StrangerRates } from '@semblance/core'
import type { ApiDeps, SystemPorts } from '../api-deps.ts'
import { type Endpoint, endpoint, type RequestContext } from '../endpoint/endpoint.ts'
import { ok } from '../endpoint/reply.ts'
import { keyIdOf, keyNameOf } from '../middleware/api-keys.ts'
import { type SystemView, systemView } from './system-view.ts'

type Deps = Pick<ApiDeps, 'galleryOf' | 'clock' | 'config'>

/** Pages ask every two seconds: what one is told is told to all who ask within this time. */
const SAME_ANSWER_MS = 1_000
/** A store that is away takes its time to say so; the page is to show that it is, and not to wait. */
const PATIENCE_MS = 1_500

export function systemEndpoint(deps: Deps, system: SystemPorts): Endpoint {
  const read = shared((context) => readSystem(deps, system, context), deps.clock)
  return endpoint({
    method: 'get',
    path: '/api/system',
    access: 'key',
    docs: {
      operationId: 'get_system',
      tag: 'gallery',
      summary: 'How the installation stands',
      description:
        'Ours. Counts, lanes, latencies, dependencies and recent faults, as the process that answers knows them; it may be asked every two seconds.',
      answers: { 200: { description: 'How it stands now, or a second ago.', schema: systemView } },
      problems: [],
    },
    handle: async ({ context }) => ok(await read(context)),
  })
}

/** One look for all who ask within a second. A look is no single caller's, so that nobody who leaves ends it. */
function shared(
  look: (context: Pick<RequestContext, 'galleryId'>) => Promise<SystemView>,
  clock: Deps['clock'],
): (context: RequestContext) => Promise<SystemView> {
  let latest: { readonly until: number; readonly seen: Promise<SystemView> } | null = null
  return ({ galleryId }) => {
    if (latest !== null && clock.monotonic() < latest.until) return latest.seen
    const seen = look(galleryId === undefined ? {} : { galleryId })
    latest = { until: clock.monotonic() + SAME_ANSWER_MS, seen }
    seen.catch(() => {
      latest = null
    })
    return seen
  }
}

async function readSystem(
  { galleryOf, clock, config }: Deps,
  system: SystemPorts,
  context: Pick<RequestContext, 'galleryId'>,
): Promise<SystemView> {
  const gallery = galleryOf(context)
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const [enrolled, indexedImages, lanes, dependencies, diskFree, strangers] = await Promise.all([
    orNull(gallery.records.countEnrolled({ signal }), signal),
    orNull(gallery.index.count({ signal }), signal),
    orNull(system.lanes(), signal),
    system.dependencies(),
    system.diskFree === null ? null : orNull(system.diskFree(), signal),
    orNull(system.strangers(), signal),
  ])
  const { times, faults } = system.recent()
  return {
    shape: system.shape,
    version: config.version,
    node: process.versions.node,
    startedAt: isoOf(system.startedAt),
    uptimeMs: Math.max(0, Math.round(clock.now() - system.startedAt)),
    pack: packOf(system, strangers),
    counts: enrolled === null || indexedImages === null ? null : countsOf(enrolled, indexedImages),
    lanes: lanes === null ? null : lanesOf(lanes),
    latencies: [...times],
    dependencies: dependencies.map(({ name, isUp, sinceMs, reason }) => {
      const why = reason === null ? {} : { reason }
      return { name, up: isUp, since: isoOf(sinceMs), ...why }
    }),
    faults: faults.map(({ lastAt, ...fault }) => ({ ...fault, lastAt: isoOf(lastAt) })),
    keys: config.apiKeys.map((key) => ({
      name: keyNameOf(keyIdOf(key), config),
      mayHaveDescriptors: config.descriptorKeys.includes(key),
    })),
    diskFreeBytes: diskFree === null ? null : Math.max(0, Math.round(diskFree)),
  }
}

/** What cannot be told is left open: the page must not go blind for one store that is away. */
async function orNull<T>(asked: Promise<T>, signal: AbortSignal): Promise<T | null> {
  const late = new Promise<null>((resolve) => {
    signal.addEventListener('abort', () => resolve(null), { once: true })
  })
  return Promise.race([asked.catch(() => null), late])
}

function packOf({ pack, configured }: SystemPorts, strangers: StrangerRates | null): SystemView['pack'] {
  const { packId, dimensions } = pack()
  const [name = packId, version = ''] = packId.split('@')
  const apart = packId === configured ? {} : { moveTo: configured }
  const measured = strangers === null ? {} : { strangers: strangersOf(strangers) }
  return { id: packId, name, version, descriptorLength: dimensions, ...measured, ...apart }
}

/** By what is compared, in the words of those who know no descriptors. */
function strangersOf({ richCheap, cheapCheap, richRich }: StrangerRates) {
  const rounded = (rates: readonly StrangerRate[]) =>
    rates.map(({ distance, rate }) => ({
      distance: Number(distance.toFixed(6)),
      rate: Number(rate.toPrecision(4)),
    }))
  return { search: rounded(richCheap), match: rounded(cheapCheap), enrolled: rounded(richRich) }
}

function countsOf(
  enrolled: Omit<NonNullable<SystemView['counts']>, 'indexedImages'>,
  indexedImages: number,
): SystemView['counts'] {
  const { persons, groups, images, pictureBytes } = enrolled
  return { persons, groups, images, pictureBytes, indexedImages }
}

function lanesOf(lanes: Awaited<ReturnType<SystemPorts['lanes']>>): NonNullable<SystemView['lanes']> {
  const stateOf = (lane: (typeof LANES)[number]) => {
    const { waiting, active, preparing, oldestWaitingMs, workers } = lanes[lane]
    return { waiting, running: active, preparing, oldestMs: Math.round(oldestWaitingMs), workers }
  }
  return Object.fromEntries(LANES.map((lane) => [lane, stateOf(lane)])) as NonNullable<SystemView['lanes']>
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString()
}
