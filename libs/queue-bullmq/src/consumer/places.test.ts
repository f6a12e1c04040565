import { describe, expect, it } from 'vitest'
import { Places } from './places.ts'

function aHolder() {
  return { lane: 'search' as const, signal: new AbortController().signal, asideMs: 0 }
}

const clock = { now: () => 0, monotonic: () => performance.now() }

describe('a job that steps aside', () => {
  it('frees its place until it comes back, beyond the places if need be', () => {
    const freed: string[] = []
    const onPlace = () => void freed.push('one')
    const places = new Places({ concurrency: 1, reserved: 0, clock, urgent: 'search', onPlace })
    const [large, small] = [aHolder(), aHolder()]
    places.take(large)
    const comeBack = places.stepAside(large)
    expect([places.hasForUrgent(), freed.length]).toEqual([true, 1])
    places.take(small)
    comeBack()
    expect(places.taken).toBe(2)
    places.leave(small)
    expect(places.hasForUrgent()).toBe(false)
  })

  it('keeps its place if as many as there are places are aside already', () => {
    const places = new Places({ concurrency: 1, reserved: 0, clock, urgent: 'search' })
    const [first, second] = [aHolder(), aHolder()]
    places.take(first)
    places.stepAside(first)
    places.take(second)
    places.stepAside(second)
    expect(places.hasForUrgent()).toBe(false)
  })

  it('takes no place any more when it has ended meanwhile', () => {
    const places = new Places({ concurrency: 1, reserved: 0, clock, urgent: 'search' })
    const job = aHolder()
    places.take(job)
    const comeBack = places.stepAside(job)
    places.leave(job)
    comeBack()
    expect(places.taken).toBe(0)
  })
})
