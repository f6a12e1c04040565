import type { Gallery } from '@semblance/core'
import { describe, it } from 'vitest'
import { crashAt, ProcessDied, pauseAt, recordSteps, type StopPoint, stopPointsOf } from './faulty-ports.ts'
import {
  expectForgotten,
  expectNothingHalfWritten,
  expectSettled,
  reconcileUntilSettled,
} from './gallery-claims.ts'
import { createStealableExclusive } from './naive/naive-exclusive.ts'
import { openTestGallery, type TestGallery } from './test-gallery.ts'

/** Two calls that may meet. Answers are what the calls resolved to; null for a process that died before. */
export interface Race<First, Second> {
  first(gallery: Gallery): Promise<First>
  /** Runs from start to end while the first one sleeps. */
  second(gallery: Gallery): Promise<Second>
  /** What must hold whoever was quicker, when everything is mended. */
  check(
    gallery: TestGallery,
    answers: { readonly first: First | null; readonly second: Second },
  ): Promise<void>
}

export type PrepareRace<First, Second> = (gallery: TestGallery) => Promise<Race<First, Second>>

/**
 * Lets the first process sleep before and after each of its steps while the second runs whole. Then the first wakes
 * and goes on to the end; and, in further runs, dies at each step that is left to it.
 */
export async function describeRace<First, Second>(
  name: string,
  prepare: PrepareRace<First, Second>,
): Promise<void> {
  const points = await pointsOfFirst(prepare)
  describe(name, () => {
    it.each(points)('end well when the first sleeps $name, and wakes after the second', async (sleep) => {
      await runRace(prepare, sleep, null)
    })

    // Nothing lies between the end of a step and the start of the next: for pairs of points, one side of each will do.
    const sleeps = points.filter(({ when }) => when === 'before')
    it.each(sleeps)('end well when the first sleeps $name, wakes after it and dies', async (sleep) => {
      const steps = await runRace(prepare, sleep, null)
      const deaths = stopPointsOf(steps).filter(({ n, when }) => n >= sleep.n && when === 'after')
      for (const death of deaths) await runRace(prepare, sleep, death).catch(naming(death.name))
    })
  })
}

async function pointsOfFirst<First, Second>(prepare: PrepareRace<First, Second>) {
  const gallery = openRaceGallery()
  const race = await prepare(gallery)
  const recorded = recordSteps(gallery)
  await race.first(recorded.gallery)
  if (recorded.steps.length < 2) throw new Error('the first process does too little to race')
  return stopPointsOf(recorded.steps)
}

/** Whoever sleeps has lost its lease by the time it wakes. */
function openRaceGallery(): TestGallery {
  return openTestGallery({ exclusive: createStealableExclusive() })
}

async function runRace<First, Second>(
  prepare: PrepareRace<First, Second>,
  sleep: StopPoint,
  death: StopPoint | null,
) {
  const gallery = openRaceGallery()
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
