import { describe, expect, it } from 'vitest'
import type { GalleryPorts } from '../gallery-ports.ts'
import { withLiveGroups } from '../groups/live-groups.ts'
import {
  createStealableExclusive,
  expectForgotten,
  expectNothingHalfWritten,
  expectSettled,
  openTestGallery,
  pauseAt,
  reconcileUntilSettled,
  recordSteps,
  type StopPoint,
  shownPersons,
  type TestGallery,
  withClockApart,
} from '../testing/index.ts'
import { aWorld, type WorldAct } from '../testing/small-world.ts'

const MINUTE = 60_000

const ACTS = [
  'addImage',
  'deleteImage',
  'deletePerson',
  'mergeIntoTwin',
  'mergeTwin',
  'joinTwin',
  'deleteTwin',
  'rename',
  'moveGroups',
  'join',
  'leave',
  'deleteGroup',
  'createPerson',
  'identifyOrCreate',
  'identifyOrCreateToo',
  'reconcile',
] as const satisfies readonly WorldAct[]

const PAIRS = ACTS.flatMap((first) =>
  ACTS.filter((second) => second !== first).map((second) => ({ first, second })),
)

async function openWorld() {
  const gallery = openTestGallery({ exclusive: createStealableExclusive() })
  return { gallery, ...(await aWorld(gallery)) }
}

type World = Awaited<ReturnType<typeof openWorld>>

/** What readers see when all is mended, under names that are the same in every world. */
async function settledState({ gallery, names }: World): Promise<string> {
  const shown = await shownPersons(gallery)
  const persons = await withLiveGroups(
    gallery,
    shown.map(({ person }) => person),
  )
  const groups = await gallery.records.groups.list({ page: 1, size: 100 })
  const named = (ids: readonly string[]) => ids.map((id) => names.get(id) ?? 'other').toSorted()
  const lines = persons.map(({ id, name, externalId, groups: of }, i) =>
    JSON.stringify([
      names.get(id) ?? 'other',
      name,
      externalId,
      named(of),
      named((shown[i]?.images ?? []).map((image) => image.id)),
    ]),
  )
  return [...lines.toSorted(), `groups: ${named(groups.items.map(({ id }) => id))}`].join('\n')
}

/** The state after these acts, one after the other. */
async function stateAfter(...acts: readonly WorldAct[]): Promise<string> {
  const world = await openWorld()
  for (const act of acts) await world.acts[act](world.gallery)
  await reconcileUntilSettled(world.gallery, true)
  return settledState(world)
}

async function pointsOf(act: WorldAct): Promise<readonly StopPoint[]> {
  const world = await openWorld()
  const recorded = recordSteps(world.gallery)
  await world.acts[act](recorded.gallery)
  const points = recorded.steps.map(({ n }) => ({ n, when: 'before' as const }))
  // Nothing lies between the end of a step and the start of the next.
  return [...points, { n: recorded.steps.length - 1, when: 'after' }]
}

const DONE = ['added', 'deleted', 'updated', 'changed', 'created', 'found', 'merged']

function isAcknowledged(answer: unknown): boolean {
  return typeof answer !== 'object' || !('outcome' in answer!) || DONE.includes(answer.outcome as string)
}

/** The second one runs whole while the first sleeps; their clocks are two minutes apart. */
async function meet(pair: { first: WorldAct; second: WorldAct }, point: StopPoint) {
  const world = await openWorld()
  const { gallery, acts } = world
  const skewMs = point.n % 2 === 0 ? MINUTE : -MINUTE
  const sleeper = pauseAt(withClockApart(gallery, skewMs), point)
  const running = acts[pair.first](sleeper.gallery)
  await sleeper.reached
  const second = await acts[pair.second](withClockApart(gallery, -skewMs))
  await expectWholeByAnyClock(gallery)
  sleeper.resume()
  const first = await running
  await expectWholeByAnyClock(gallery)
  await reconcileUntilSettled(gallery, true)
  await expectSettled(gallery)
  const state = await settledState(world)
  await expectForgotten(gallery)
  expect(await settledState(world)).toBe(state)
  return { state, first: isAcknowledged(first), second: isAcknowledged(second) }
}

async function expectWholeByAnyClock(gallery: TestGallery): Promise<void> {
  const readers: readonly GalleryPorts[] = [withClockApart(gallery, MINUTE), withClockApart(gallery, -MINUTE)]
  for (const reader of readers) await expectNothingHalfWritten(reader)
}

describe('two processes that meet, their clocks two minutes apart', () => {
  it.each(PAIRS)('leave what one after the other would: $first asleep at any step, $second', async (pair) => {
    const oneAfterTheOther = [
      await stateAfter(pair.first, pair.second),
      await stateAfter(pair.second, pair.first),
    ]
    for (const point of await pointsOf(pair.first)) {
      const met = await meet(pair, point)
      const allowed = [...oneAfterTheOther]
      if (!met.first) allowed.push(await stateAfter(pair.second))
      if (!met.second) allowed.push(await stateAfter(pair.first))
      expect(allowed, `asleep ${point.when} step ${point.n + 1}`).toContain(met.state)
    }
  })
})
