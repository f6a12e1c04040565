import { describe, expect, it } from 'vitest'
import type { Lane } from '../ports/job-queue.ts'
import { aClock } from '../testing/index.ts'
import { type PlaceHolder, Places, type PlacesOptions } from './places.ts'

const aHolder = (lane: Lane = 'search'): PlaceHolder => ({ lane, asideMs: 0 })

function somePlaces(given: Partial<PlacesOptions> = {}) {
  const clock = aClock()
  const places = new Places({ concurrency: 1, reserved: 0, urgent: 'search', clock, ...given })
  return { clock, places }
}

describe('places', () => {
  it('are kept free for the urgent lane, but for one', () => {
    const { places } = somePlaces({ concurrency: 3, reserved: 2 })
    expect([places.freeFor('search'), places.freeFor('enroll')]).toEqual([3, 1])
    places.take(aHolder('bulk'))
    expect([places.freeFor('search'), places.freeFor('enroll')]).toEqual([2, 0])
    expect(somePlaces({ concurrency: 1, reserved: 1 }).places.freeFor('enroll')).toBe(1)
  })

  it('taken by the urgent lane are taken for others, too', () => {
    const { places } = somePlaces({ concurrency: 3, reserved: 1 })
    const searches = [aHolder(), aHolder()]
    for (const search of searches) places.take(search)
    expect([places.freeFor('enroll'), places.taken, places.countOf('search')]).toEqual([1, 2, 2])
    expect([places.leave(searches[0]!), places.leave(searches[0]!)]).toEqual([true, false])
    expect(places.freeFor('enroll')).toBe(2)
  })
})

describe('a job that steps aside', () => {
  it('frees its place until it comes back, beyond the places if need be', () => {
    const { places } = somePlaces()
    const [large, small] = [aHolder(), aHolder()]
    places.take(large)
    const comeBack = places.stepAside(large)
    expect([places.freeFor('search'), places.countAside('search')]).toEqual([1, 1])
    places.take(small)
    comeBack()
    expect([places.taken, places.freeFor('search'), places.countAside('search')]).toEqual([2, 0, 0])
    places.leave(small)
    expect(places.freeFor('search')).toBe(0)
  })

  it('is told how long it was aside, also if it ends there', () => {
    const { clock, places } = somePlaces()
    const job = aHolder()
    places.take(job)
    const comeBack = places.stepAside(job)
    clock.advance(200)
    comeBack()
    clock.advance(1000)
    places.stepAside(job)
    clock.advance(30)
    places.leave(job)
    expect(job.asideMs).toBe(230)
  })

  it('in several parts comes back with the first of them', () => {
    const { clock, places } = somePlaces()
    const job = aHolder()
    places.take(job)
    const parts = [places.stepAside(job), places.stepAside(job)]
    clock.advance(10)
    parts[1]?.()
    clock.advance(10)
    parts[0]?.()
    expect([places.taken, job.asideMs]).toEqual([1, 10])
  })

  it('keeps its place if as many as may be are aside already', () => {
    const { places } = somePlaces({ mostAside: 1 })
    const [first, second] = [aHolder(), aHolder()]
    places.take(first)
    places.stepAside(first)
    places.take(second)
    places.stepAside(second)
    expect([places.taken, places.freeFor('search')]).toEqual([1, 0])
  })

  it('takes no place any more when it has ended meanwhile', () => {
    const { places } = somePlaces()
    const job = aHolder()
    places.take(job)
    const comeBack = places.stepAside(job)
    places.leave(job)
    comeBack()
    expect(places.taken).toBe(0)
  })
})
