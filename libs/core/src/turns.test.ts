import { setImmediate as nextTurn } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { Turns } from './turns.ts'

/** How many tasks had run by the end of each turn. */
async function ranByTurn(turns: Turns, tasks: readonly (() => void)[]): Promise<readonly number[]> {
  let ran = 0
  for (const task of tasks) {
    turns.run(() => {
      task()
      ran += 1
    })
  }
  const seen: number[] = []
  while (ran < tasks.length) {
    await nextTurn()
    seen.push(ran)
  }
  return seen
}

function keepBusy(): void {
  const end = performance.now() + 6
  while (performance.now() < end);
}

it('runs so many tasks in a turn, and never in the turn that asked for them', async () => {
  const tasks = Array.from({ length: 5 }, () => () => {})
  expect(await ranByTurn(new Turns(1), tasks)).toEqual([1, 2, 3, 4, 5])
  expect(await ranByTurn(new Turns(2), tasks)).toEqual([2, 4, 5])
})

it('begins nothing more in a turn that has taken long', async () => {
  expect(await ranByTurn(new Turns(8), [keepBusy, keepBusy, keepBusy])).toEqual([1, 2, 3])
})
