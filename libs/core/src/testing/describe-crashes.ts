import { describe, expect, it } from 'vitest'
import {
  crashAt,
  ProcessDied,
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
import { createNaiveExclusive } from './naive/naive-exclusive.ts'
import type { PrepareCall, PreparedCall } from './prepared-call.ts'
import { type FamilyGallery, type OpenGallery, usingGallery } from './test-gallery.ts'

/** Who finds what a dead process left. */
export interface Finder {
  readonly name: string
  /** The gallery as that process sees it. */
  readonly open: (gallery: FamilyGallery) => Promise<FamilyGallery>
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
  readonly prepare: PrepareCall
  readonly finder: Finder
  /** Both if left out. The end of a step and the start of the next differ little, where time is dear. */
  readonly sides?: readonly StopPoint['when'][]
  /** At most so many, spread evenly over the way; all if left out. For adapters whose server is slow. */
  readonly maxPoints?: number
}

/**
 * Stops the use case before and after each call that a clean run makes: what readers see then is whole, what was
 * acknowledged is there, and the reconciler leaves nothing half done. `open` gives an empty gallery over the adapters
 * in question, and is called once for each claim and once before.
 */
export async function describeCrashes(subject: CrashSubject, open: OpenGallery): Promise<void> {
  const { name, prepare, finder, sides = ['before', 'after'] } = subject
  const all = await usingGallery(open, (gallery) => stopPoints(prepare, gallery))
  const points = spreadPoints(
    all.filter(({ when }) => sides.includes(when)),
    subject.maxPoints,
  )
  describe(`${name}, stopped at any step and found by ${finder.name}`, () => {
    it.each(points)('is whole for readers and mended in the end: $name', (point) =>
      usingGallery(open, (gallery) => crash(subject, gallery, point)))
  })
}

async function crash(subject: CrashSubject, gallery: FamilyGallery, point: StopPoint): Promise<void> {
  const { prepare, finder } = subject
  const prepared = await prepare(gallery)
  const isAnswered = await runInto(prepared, gallery, point)
  const found = await finder.open(gallery)

  await expectNothingHalfWritten(found)
  const before = await prepared.seen(found)
  if (isAnswered) expect(before, 'what was acknowledged is there').toBe('all')
  else if (prepared.spansRecords !== true) expect(before).not.toBe('part')

  await reconcileUntilSettled(found, finder.waitsForOthers)
  await expectNothingHalfWritten(found)
  await expectSettled(found)
  const after = await prepared.seen(found)
  if (before === 'all') expect(after, 'what was seen stays').toBe('all')
  if (prepared.spansRecords !== true) expect(after).not.toBe('part')

  await expectForgotten(found)
  expect(await prepared.seen(found)).toBe(after)
}

async function stopPoints(prepare: PrepareCall, gallery: FamilyGallery) {
  const prepared = await prepare(gallery)
  const recorded = recordSteps(gallery)
  await prepared.run(recorded.gallery)
  expect(await prepared.seen(gallery)).toBe('all')
  expect(recorded.steps.length).toBeGreaterThan(1)
  return stopPointsOf(recorded.steps)
}

/** True if the caller got an answer all the same, because the stop was in work that comes after it. */
async function runInto(prepared: PreparedCall, gallery: FamilyGallery, point: StopPoint): Promise<boolean> {
  try {
    await prepared.run(crashAt(gallery, point))
    return true
  } catch (fault) {
    if (fault instanceof ProcessDied) return false
    throw fault
  }
}
