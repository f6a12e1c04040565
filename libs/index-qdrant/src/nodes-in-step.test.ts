import { expect, it } from 'vitest'
import { NodesInStep } from './nodes-in-step.ts'
import type { QdrantApi } from './qdrant-calls.ts'

const HOUR_MS = 3_600_000

/** How far a node is; null: it does not answer. */
type Position = number | null

/** A cluster whose nodes answer at once; `positions` may be changed. */
function aCluster(...positions: Position[]) {
  let time = 0
  let asked = 0
  const nodes = positions.map((_, at) => {
    const clusterStatus = (_body: object, { signal }: { signal: AbortSignal }) => {
      asked++
      const position = positions[at] ?? null
      if (position !== null)
        return Promise.resolve({
          data: { result: { status: 'enabled', raft_info: { commit: position, pending_operations: 0 } } },
        })
      return new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    return { at, api: { clusterStatus } as unknown as QdrantApi, restsUntil: 0 }
  })
  const inStep = new NodesInStep(nodes, { monotonic: () => time })
  return {
    nodes,
    positions,
    inStep,
    asked: () => asked,
    now: async () => [...(await inStep.now())].map(({ at }) => at),
    pass: (ms: number) => {
      time += ms
    },
  }
}

it('are those that are as far as any; who comes back has to be so twice', async () => {
  const { now, pass, positions } = aCluster(7, 7, 6)
  expect(await now()).toEqual([0, 1])
  positions[2] = 7
  pass(1_001)
  expect(await now()).toEqual([0, 1])
  pass(1_001)
  expect(await now()).toEqual([0, 1, 2])
})

it('are those that are as far as any, also when all of these were silent before', async () => {
  const { now, pass, positions } = aCluster(null, 4, 3)
  expect(await now()).toEqual([1])
  ;[positions[0], positions[1]] = [4, null]
  pass(1_001)
  expect(await now()).toEqual([0])
})

it('are asked once a second at most while calls follow each other', async () => {
  const { now, pass, asked } = aCluster(1, 1, 1)
  for (let turn = 0; turn < 40; turn++) {
    await now()
    pass(100)
  }
  expect(asked()).toBeGreaterThanOrEqual(3 * 4)
  expect(asked()).toBeLessThanOrEqual(3 * 9)
})

it('are without one that hangs, and nobody waits for it', async () => {
  const { now } = aCluster(3, null, 3)
  const begun = performance.now()
  expect(await now()).toEqual([0, 2])
  expect(performance.now() - begun).toBeLessThan(900)
})

it('are all of them where most do not answer', async () => {
  const { now, nodes } = aCluster(3, null, null)
  expect(await now()).toEqual([0, 1, 2])
  for (const node of nodes) node.restsUntil = HOUR_MS
  expect(await now()).toEqual([0, 1, 2])
})

it('are found by those that rest, too: one that is back knows less than they do', async () => {
  const { now, nodes } = aCluster(4, 5, 5)
  for (const node of nodes.slice(1)) node.restsUntil = HOUR_MS
  expect(await now()).toEqual([1, 2])
})

it('are looked at again for an answer that took long, twice if need be', async () => {
  const { inStep, nodes, now, pass, positions } = aCluster(1, 1, 1)
  await now()
  positions[0] = positions[1] = 2
  expect(await inStep.hasAnswered(nodes[2]!, 0)).toBe(true)
  pass(1_500)
  expect(await inStep.hasAnswered(nodes[2]!, 0)).toBe(false)
  expect(await inStep.hasAnswered(nodes[0]!, 0)).toBe(true)
})

it('count an answer of one that is only slow to tell', async () => {
  const { inStep, nodes, pass, positions } = aCluster(1, 1, null)
  pass(1_500)
  const hasAnswered = inStep.hasAnswered(nodes[2]!, 0)
  setTimeout(() => {
    positions[2] = 1
    pass(50)
  }, 50)
  expect(await hasAnswered).toBe(true)
})
