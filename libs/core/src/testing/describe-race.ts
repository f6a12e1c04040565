import { describe, it } from 'vitest'
import type { GalleryPorts } from '../gallery-ports.ts'
import {
  crashAt,
  ProcessDied,
  pauseAt,
  recordSteps,
  type StopPoint,
  spreadPoints,
  stopPointsOf,
} from './faulty-ports.ts'
import {
  expectForgotten,
  expectNothingHalfWritten,
  expectSettled,
  reconcileUntilSettled,
} from './gallery-claims.ts'
import { createStealableExclusive } from './naive/naive-exclusive.ts'
import { type FamilyGallery, type OpenGallery, openTestGallery, usingGallery } from './test-gallery.ts'

/** Two calls that may meet. Answers are what the calls resolved to; null for a process that died before. */
export interface Race<First, Second> {
  first(gallery: GalleryPorts): Promise<First>
  /** Runs from start to end while the first one sleeps. */
  second(gallery: GalleryPorts): Promise<Second>
  /** What must hold whoever was quicker, when everything is mended. */
  check(
    gallery: FamilyGallery,
    answers: { readonly first: First | null; readonly second: Second },
  ): Promise<void>
}

export type PrepareRace<First, Second> = (gallery: FamilyGallery) => Promise<Race<First, Second>>

export interface RaceOptions {
  /**
   * An empty gallery over the adapters in question, in memory if left out. Its leases must let the second process in
   * while the first sleeps: `createStealableExclusive`, or one whose time runs out soon.
   */
  readonly open?: OpenGallery
  /** Points at which the first one sleeps, at most, and at which it dies for each; all if left out. */
  readonly maxPoints?: number
}

/**
 * Lets the first process sleep before and after each of its steps while the second runs whole. Then the first wakes
 * and goes on to the end; and, in further runs, dies at each step that is left to it.
 */
export async function describeRace<First, Second>(
  name: string,
  prepare: PrepareRace<First, Second>,
  options: RaceOptions = {},
): Promise<void> {
  const { open = openRaceGallery, maxPoints } = options
  const points = await usingGallery(open, (gallery) => pointsOfFirst(prepare, gallery))
  const run = (sleep: StopPoint, death: StopPoint | null) =>
    usingGallery(open, (gallery) => runRace({ prepare, sleep, death }, gallery))
  describe(name, () => {
    it.each(
      spreadPoints(points, maxPoints),
    )('end well when the first sleeps $name, and wakes after the second', async (sleep) => {
      await run(sleep, null)
    })

    // Nothing lies between the end of a step and the start of the next: for pairs of points, one side of each will do.
    const sleeps = points.filter(({ when }) => when === 'before')
    it.each(
      spreadPoints(sleeps, maxPoints),
    )('end well when the first sleeps $name, wakes after it and dies', async (sleep) => {
      const steps = await run(sleep, null)
      const deaths = stopPointsOf(steps).filter(({ n, when }) => n >= sleep.n && when === 'after')
      for (const death of spreadPoints(deaths, maxPoints)) await run(sleep, death).catch(naming(death.name))
    })
  })
}

async function pointsOfFirst<First, Second>(prepare: PrepareRace<First, Second>, gallery: FamilyGallery) {
  const race = await prepare(gallery)
  const recorded = recordSteps(gallery)
  await race.first(recorded.gallery)
  if (recorded.steps.length < 2) throw new Error('the first process does too little to race')
  return stopPointsOf(recorded.steps)
}

/** Whoever sleeps has lost its lease by the time it wakes. */
function openRaceGallery(): FamilyGallery {
  return openTestGallery({ exclusive: createStealableExclusive() })
}

interface RaceRun<First, Second> {
  readonly prepare: PrepareRace<First, Second>
  readonly sleep: StopPoint
  readonly death: StopPoint | null
}

async function runRace<First, Second>(run: RaceRun<First, Second>, gallery: FamilyGallery) {
  const { prepare, sleep, death } = run
  const race = await prepare(gallery)
  const recorded = recordSteps(gallery)
  const mortal = death === null ? recorded.gallery : crashAt(recorded.gallery, death)
  const sleeper = pauseAt(mortal, sleep)
  const first = race.first(sleeper.gallery).catch(nullIfDead)
  await sleeper.reached
  const second = await race.second(gallery)
  await expectNothingHalfWritten(gallery)
  sleeper.resume()
  const answers = { first: await first, second }
  await expectNothingHalfWritten(gallery)

  await reconcileUntilSettled(gallery, true)
  await expectNothingHalfWritten(gallery)
  if (death === null) await expectSettled(gallery)
  await race.check(gallery, answers)
  await expectForgotten(gallery)
  await race.check(gallery, answers)
  return recorded.steps
}

function nullIfDead(fault: unknown): null {
  if (fault instanceof ProcessDied) return null
  throw fault
}

function naming(death: string) {
  return (fault: unknown) => {
    throw new Error(`it died ${death}: ${fault instanceof Error ? fault.message : fault}`, { cause: fault })
  }
}
