import { expect, it } from 'vitest'
import { EventHeap } from './event-heap.ts'
import { randomOf } from './random.ts'
import { Simulation } from './simulation.ts'

it('gives the earliest first, and of the same time the one that was added first', () => {
  const random = randomOf(1)
  const heap = new EventHeap<{ readonly at: number; readonly number: number }>()
  const events = Array.from({ length: 1_000 }, (_, number) => ({
    at: Math.floor(random.next() * 50),
    number,
  }))
  for (const event of events) heap.add(event)
  const taken = []
  for (let next = heap.take(); next !== undefined; next = heap.take()) taken.push(next)
  expect(taken).toEqual(events.toSorted((a, b) => a.at - b.at || a.number - b.number))
})

it('runs what is due, at its time, and leaves the rest', () => {
  const simulation = new Simulation()
  const ran: [string, number][] = []
  simulation.after(20, () => ran.push(['second', simulation.now]))
  simulation.after(10, () => {
    ran.push(['first', simulation.now])
    simulation.after(5, () => ran.push(['from first', simulation.now]))
  })
  simulation.after(31, () => ran.push(['later', simulation.now]))
  simulation.runUntil(30)
  expect(ran).toEqual([
    ['first', 10],
    ['from first', 15],
    ['second', 20],
  ])
  expect(simulation.now).toBe(30)
})

it('draws numbers of the mean and the spread that it was told', () => {
  const random = randomOf(3)
  const drawn = Array.from({ length: 20_000 }, () => random.lognormal(40, 0.5))
  const mean = drawn.reduce((sum, value) => sum + value, 0) / drawn.length
  const deviation = Math.sqrt(drawn.reduce((sum, value) => sum + (value - mean) ** 2, 0) / drawn.length)
  expect(mean).toBeCloseTo(40, -0.5)
  expect(deviation / mean).toBeCloseTo(0.5, 1)
  expect(random.lognormal(40, 0)).toBe(40)
})
