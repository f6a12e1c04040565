import { expect, onTestFinished } from 'vitest'
import { storeUnavailable } from '../errors.ts'
import type { OperationId, PersonId } from '../ids.ts'
import { compareImages } from '../operations/compare-images.ts'
import { beginDeletion } from '../operations/delete-persons.ts'
import { beginDuplicateSearch } from '../operations/find-duplicates.ts'
import { listPairs } from '../operations/list-pairs.ts'
import type { Operation } from '../operations/operation.ts'
import { startOperationRunner } from '../operations/operation-runner.ts'
import type { StepDeps } from '../operations/steps.ts'
import type { PersonFilter } from '../persons/read-persons.ts'
import { TEST_PACK } from './builders/a-descriptor.ts'
import { newTestId } from './builders/new-test-id.ts'
import { createNaiveOperationStore } from './naive/naive-operation-store.ts'
import { openTestGallery } from './test-gallery.ts'

export const CALIBRATION = { richCheap: 0.6, cheapCheap: 0.6, richRich: 0.6 }

export type OperationInstallation = ReturnType<typeof openOperationInstallation>

/** An installation in memory; each `start` is a process of it, which ends with the test. */
export function openOperationInstallation() {
  const operations = createNaiveOperationStore()
  const real = { now: () => Date.now(), monotonic: () => performance.now() }
  const empty = openTestGallery()
  const gallery = {
    ...empty,
    clock: { ...empty.clock, ...real },
    newId: newTestId,
    eraseFromOperations: (id: PersonId) => operations.pairs.erase(id),
    handOverPairs: operations.pairs.handOver,
  }
  const engine = { calibration: CALIBRATION, packId: TEST_PACK }
  const compare: StepDeps['compareImages'] = (request, waiting) =>
    compareImages({ gallery, engine, workMs: 0 }, request, waiting)
  const start = (given: Partial<StepDeps> = {}) => {
    const deps = { gallery, operations, compareImages: compare, ...given }
    const runner = startOperationRunner(deps, { everyMs: 5, retryMs: 5, heldUpMs: 5 })
    onTestFinished(() => runner.stop())
    return runner
  }
  const newId = () => newTestId<OperationId>()
  const find = async (id: OperationId) => (await operations.records.find(id)) as Operation
  const untilEnded = (id: OperationId) =>
    expect.poll(async () => (await find(id)).endedAt, { timeout: 20_000, interval: 5 }).not.toBeNull()
  const visible = async () =>
    (await gallery.records.persons.listIds({ after: null, limit: 10_000, nowMs: Date.now() })).length
  const begin = async (filter: PersonFilter, count: number) => {
    const begun = await beginDeletion({ gallery, operations }, { id: newId(), filter, count })
    if (begun.outcome !== 'begun') throw new Error(begun.outcome)
    return begun.operation.id
  }
  const search = async (threshold = 1) => {
    const asked = { id: newId(), threshold, groupIds: [] }
    const begun = await beginDuplicateSearch({ gallery, operations }, asked)
    if (begun.outcome !== 'begun') throw new Error(begun.outcome)
    return begun.operation.id
  }
  const pairsOf = async (id: OperationId) =>
    (await listPairs({ gallery, operations }, { id, after: null, limit: 1000 })).pairs
  const dyingAfter = (calls: number) => {
    const process = processThatDies(calls)
    const deps: Partial<StepDeps> = {
      gallery: { ...process.guard(gallery, ['records', 'images', 'persons']), onDeferred: () => {} },
      operations: process.guard(operations, ['records', 'targets', 'pairs']),
    }
    return { deps, isDead: process.isDead }
  }
  return {
    gallery,
    operations,
    compare,
    start,
    find,
    untilEnded,
    visible,
    begin,
    search,
    pairsOf,
    dyingAfter,
  }
}

/** A process that loses its stores after so many calls, as if it had been killed before the next one. */
function processThatDies(calls: number) {
  let left = calls
  /** The same ports; each call of those that `nested` names, and of those inside of them, counts. */
  const guard = <Ports extends object>(ports: Ports, nested: readonly string[]): Ports =>
    new Proxy(ports, {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name)
        return nested.includes(String(name)) ? counted(found as object, nested) : found
      },
    })
  const counted = (port: object, nested: readonly string[]): object =>
    new Proxy(port, {
      get: (target, name) => {
        const found: unknown = Reflect.get(target, name)
        if (nested.includes(String(name))) return counted(found as object, nested)
        if (typeof found !== 'function') return found
        return async (...given: unknown[]) => {
          if (left-- <= 0) throw storeUnavailable(new Error('the process died here'))
          return found.apply(target, given)
        }
      },
    })
  return { guard, isDead: () => left < 0 }
}
