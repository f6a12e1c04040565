import { LANES } from '@semblance/core'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type TaskOrder, TaskQueue } from './task-queue.ts'

const order = fc.record({ lane: fc.constantFrom(...LANES), ticket: fc.nat(5) })

function takeFrom<T extends TaskOrder>(queue: TaskQueue<T>): T | null {
  const next = queue.peek()
  if (next !== null) queue.remove(next)
  return next
}

describe('task queue', () => {
  it('gives the most urgent lane first, then the oldest picture, then the order of arrival', () => {
    fc.assert(
      fc.property(fc.array(order), (orders) => {
        const queue = new TaskQueue<TaskOrder & { readonly arrival: number }>()
        const tasks = orders.map((task, arrival) => ({ ...task, arrival }))
        for (const task of tasks) queue.add(task)
        const rank = (task: (typeof tasks)[number]): number =>
          LANES.indexOf(task.lane) * 1e6 + task.ticket * 1e3 + task.arrival
        expect(queue.size).toBe(tasks.length)
        expect(tasks.map(() => takeFrom(queue))).toEqual(
          tasks.toSorted((one, other) => rank(one) - rank(other)),
        )
        expect(takeFrom(queue)).toBeNull()
      }),
    )
  })

  it('forgets a removed task', () => {
    const queue = new TaskQueue<TaskOrder>()
    const [gone, kept] = [{ lane: 'search', ticket: 1 } as const, { lane: 'search', ticket: 2 } as const]
    queue.add(gone)
    queue.add(kept)
    queue.remove(gone)
    expect(queue.peek()).toBe(kept)
    expect(queue.drain()).toEqual([kept])
    expect(queue.size).toBe(0)
  })
})
