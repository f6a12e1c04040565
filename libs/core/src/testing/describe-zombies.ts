import { describe, expect, it } from 'vitest'
import type { GalleryPorts } from '../gallery-ports.ts'
import { pauseAt, recordSteps, type StopPoint, spreadPoints, stopPointsOf } from './faulty-ports.ts'
import {
  expectForgotten,
  expectNothingHalfWritten,
  expectSettled,
  reconcileUntilSettled,
} from './gallery-claims.ts'
import type { PrepareCall } from './prepared-call.ts'
import { type FamilyGallery, type OpenGallery, usingGallery } from './test-gallery.ts'

export interface ZombieSubject {
  readonly name: string
  readonly prepare: PrepareCall
  /** How long it sleeps. */
  readonly sleepMs: number
  /** How far its clock is from the others'. */
  readonly skewMs?: number
  /** At most so many, spread evenly over the way; all if left out. */
  readonly maxPoints?: number
}

/**
 * Lets the use case sleep before and after each of its steps, for longer than anybody waits: meanwhile the reconciler
 * takes it for dead and mends what it finds. Then it wakes and goes on. Its answer is true, and nothing is half done.
 * The gallery's leases must go to the next one while their holder sleeps, as `createStealableExclusive` does.
 */
export async function describeZombies(subject: ZombieSubject, open: OpenGallery): Promise<void> {
  const { name, prepare, sleepMs, skewMs = 0 } = subject
  const all = await usingGallery(open, async (gallery) => {
    const prepared = await prepare(gallery)
    const recorded = recordSteps(gallery)
    await prepared.run(recorded.gallery)
    return stopPointsOf(recorded.steps)
  })
  describe(`${name}, asleep for ${sleepMs / 1000} s at any step, its clock ${skewMs / 1000} s apart`, () => {
    it.each(spreadPoints(all, subject.maxPoints))('wakes and does no harm: $name', (point) =>
      usingGallery(open, (gallery) => sleepThrough(subject, gallery, point)))
  })
}

async function sleepThrough(subject: ZombieSubject, gallery: FamilyGallery, point: StopPoint): Promise<void> {
  const prepared = await subject.prepare(gallery)
  const zombie = pauseAt(withClockApart(gallery, subject.skewMs ?? 0), point)
  const running = prepared.run(zombie.gallery)
  // There may be a step or two fewer this time, and the last ones then never come: it has ended, wide awake.
  await Promise.race([zombie.reached, running])
  await expectNothingHalfWritten(gallery)
  await gallery.age(subject.sleepMs)
  await reconcileUntilSettled(gallery, true)
  await expectNothingHalfWritten(gallery)
  const asleep = await prepared.seen(gallery)

  zombie.resume()
  const answer = await running
  const isDone = prepared.isDone?.(answer) ?? true
  await expectNothingHalfWritten(gallery)
  const awake = await prepared.seen(gallery)
  if (isDone) expect(awake, 'what it answers is so').toBe('all')
  else if (prepared.spansRecords !== true) expect(awake, 'what it refuses is not').toBe('nothing')
  if (asleep === 'all') expect(awake, 'what was seen stays').toBe('all')

  await reconcileUntilSettled(gallery, true)
  await expectSettled(gallery)
  await expectForgotten(gallery)
  expect(await prepared.seen(gallery)).toBe(awake)
}

/** The same gallery as seen by a process whose clock is wrong by so much; time passes for it as for the others. */
export function withClockApart(gallery: FamilyGallery, skewMs: number): GalleryPorts {
  const { clock } = gallery
  return { ...gallery, clock: { now: () => clock.now() + skewMs, monotonic: () => clock.monotonic() } }
}
