import type { Lane } from '@semblance/core'
import { aClock } from '@semblance/testkit'
import { describe, expect, it } from 'vitest'
import { WorkerPlaces, type WorkerPlacesOptions } from './worker-places.ts'

function aHolder(lane: Lane = 'search', signal = new AbortController().signal) {
  return { lane, signal, asideMs: 0 }
}

function somePlaces(given: Partial<WorkerPlacesOptions> = {}) {
  return new WorkerPlaces({ concurrency: 1, reserved: 0, urgent: 'search', clock: aClock(), ...given })
}

describe('the places of a worker', () => {
  it('are kept for what a look may bring, until it is known to have found nothing', async () => {
    const places = somePlaces({ concurrency: 2 })
    const found = Promise.withResolvers<void>()
    const look = places.look(() => found.promise)
    places.take(aHolder())
    expect([places.hasForUrgent(), places.hasForAll()]).toEqual([false, false])
    found.resolve()
    await look
    expect([places.hasForUrgent(), places.hasForAll()]).toEqual([true, true])
  })

  it('are kept for prepared jobs before any is taken from the queue, for the urgent first', async () => {
    const places = somePlaces()
    const first = aHolder()
    places.take(first)
    const begun: Lane[] = []
    const jobs = (['bulk', 'search'] as const).map((lane) => aHolder(lane))
    const back = jobs.map((job) => places.takeWhenFree(job).then(() => begun.push(job.lane)))
    places.leave(first)
    expect([places.hasForUrgent(), places.hasForAll()]).toEqual([false, false])
    await back[1]
    expect(begun).toEqual(['search'])
    places.leave(jobs[1]!)
    await Promise.all(back)
    expect([begun, places.countOf('bulk')]).toEqual([['search', 'bulk'], 1])
  })

  it('are kept for no prepared job that has left', async () => {
    const places = somePlaces()
    const first = aHolder()
    places.take(first)
    const leaving = new AbortController()
    const back = places.takeWhenFree(aHolder('search', leaving.signal))
    leaving.abort(new Error('left'))
    await expect(back).rejects.toThrow('left')
    places.leave(first)
    expect(places.hasForAll()).toBe(true)
  })

  it('of less urgent jobs never include those kept for the urgent lane', () => {
    const places = somePlaces({ concurrency: 2, reserved: 1 })
    places.take(aHolder('enroll'))
    expect([places.hasForUrgent(), places.hasForAll()]).toEqual([true, false])
  })
})

describe('a job of a worker that steps aside', () => {
  it('frees its place for prepared jobs, and for one from the queue', async () => {
    const freed: string[] = []
    const places = somePlaces({ onPlace: () => void freed.push('one') })
    const large = aHolder()
    places.take(large)
    const prepared = places.takeWhenFree(aHolder())
    const comeBack = places.stepAside(large)
    await prepared
    comeBack()
    expect([places.taken, freed.length]).toEqual([2, 1])
  })

  it('keeps its place if as many as there are places, and sixteen more, are aside already', () => {
    const places = somePlaces()
    const stepAside = () => {
      const job = aHolder()
      places.take(job)
      places.stepAside(job)
    }
    for (let aside = 0; aside < 17; aside++) stepAside()
    expect(places.hasForUrgent()).toBe(true)
    stepAside()
    expect(places.hasForUrgent()).toBe(false)
  })
})
