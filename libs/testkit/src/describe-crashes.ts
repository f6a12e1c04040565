import type { Gallery } from '@semblance/core'
import { describe, expect, it } from 'vitest'
import { crashAt, ProcessDied, recordSteps, type StopPoint, stopPointsOf } from './faulty-ports.ts'
import {
  expectForgotten,
  expectNothingHalfWritten,
  expectSettled,
  reconcileUntilSettled,
} from './gallery-claims.ts'
import { createNaiveExclusive } from './naive/naive-exclusive.ts'
import type { TestGallery } from './test-gallery.ts'

/** How much of a write a reader sees. */
export type Seen = 'nothing' | 'part' | 'all'

/** One call of a use case, in a gallery that is ready for it. */
export interface Deed {
  run(gallery: Gallery): Promise<unknown>
  seen(gallery: Gallery): Promise<Seen>
  /** It changes several records, and may be seen in part until it has been answered. */
  readonly spansRecords?: boolean
}

export type PrepareDeed = (gallery: TestGallery) => Promise<Deed>

/** Who finds what a dead process left. */
export interface Finder {
  readonly name: string
  /** The gallery as that process sees it. */
  readonly open: (gallery: TestGallery) => Promise<TestGallery>
  readonly waitsForOthers: boolean
}

/** In a cluster, leases outlive their holders and nobody may assume that others are dead. */
export const ANOTHER_PROCESS: Finder = {
  name: 'another process',
  open: async (gallery) => gallery,
  waitsForOthers: true,
}

/** A lease in memory dies with its process. */
export const NEXT_START: Finder = {
  name: 'the next start',
  open: async (gallery) => ({ ...gallery, exclusive: createNaiveExclusive() }),
  waitsForOthers: false,
}

export interface CrashSubject {
  readonly name: string
  readonly prepare: PrepareDeed
  readonly finder: Finder
  /** Both if left out. The end of a step and the start of the next differ little, where time is dear. */
  readonly sides?: readonly StopPoint['when'][]
}

/**
 * Stops the use case before and after each call that a clean run makes: what readers see then is whole, what was
 * acknowledged is there, and the reconciler leaves nothing half done.
 */
export async function describeCrashes(
  subject: CrashSubject,
  open: () => TestGallery | Promise<TestGallery>,
): Promise<void> {
  const { name, prepare, finder, sides = ['before', 'after'] } = subject
  const points = (await stopPoints(prepare, await open())).filter(({ when }) => sides.includes(when))
  describe(`${name}, stopped at any step and found by ${finder.name}`, () => {
    it.each(points)('is whole for readers and mended in the end: $name', async (point) => {
      const gallery = await open()
      const deed = await prepare(gallery)
      const isAnswered = await runInto(deed, gallery, point)
      const found = await finder.open(gallery)

      await expectNothingHalfWritten(found)
      const before = await deed.seen(found)
      if (isAnswered) expect(before, 'what was acknowledged is there').toBe('all')
      else if (deed.spansRecords !== true) expect(before).not.toBe('part')

      await reconcileUntilSettled(found, finder.waitsForOthers)
      await expectNothingHalfWritten(found)
      await expectSettled(found)
      const after = await deed.seen(found)
      if (before === 'all') expect(after, 'what was seen stays').toBe('all')
      if (deed.spansRecords !== true) expect(after).not.toBe('part')

      await expectForgotten(found)
      expect(await deed.seen(found)).toBe(after)
    })
  })
}

async function stopPoints(prepare: PrepareDeed, gallery: TestGallery) {
  const deed = await prepare(gallery)
  const recorded = recordSteps(gallery)
  await deed.run(recorded.gallery)
  expect(await deed.seen(gallery)).toBe('all')
  expect(recorded.steps.length).toBeGreaterThan(1)
  return stopPointsOf(recorded.steps)
}

/** True if the caller got an answer all the same, because the stop was in work that comes after it. */
async function runInto(deed: Deed, gallery: TestGallery, point: StopPoint): Promise<boolean> {
  try {
    await deed.run(crashAt(gallery, point))
    return true
  } catch (fault) {
    if (fault instanceof ProcessDied) return false
    throw fault
  }
}
