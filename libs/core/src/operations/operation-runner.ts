import { AppError, reasonForCallers } from '../errors.ts'
import type { OperationId } from '../ids.ts'
import { pause, startLeading } from '../lead.ts'
import { keepDescribed } from '../packs/keep-described.ts'
import { forgetOldOperations, tidyOperations } from './forget-operations.ts'
import { endingOf, hasEnded, type Operation, type OperationKind } from './operation.ts'
import { markedAfter } from './operation-pace.ts'
import type { StepOutcome } from './step.ts'
import { type StepDeps, takeStep } from './steps.ts'

/** Key of the lease under which one process of the installation carries all operations out. */
const OPERATIONS_LEASE = 'operations'
const HELD_UP_MS = 2_000
/** Steps in a row that failed for another reason, after which the operation has failed. */
const MOST_FAILURES = 3
/** So long nobody writes down whom an operation is about: whoever did has died. */
const ABANDONED_MS = 600_000

export interface OperationRunnerOptions {
  /** Pause between two looks for operations that are new or were resumed. */
  readonly everyMs: number
  /** This is told of the units of work of each step. */
  readonly onStep?: (kind: OperationKind, units: number) => void
  readonly onEnd?: (kind: OperationKind, state: 'done' | 'failed') => void
  /** This is told of each step that failed; it is tried again. */
  readonly onFault?: (kind: OperationKind) => void
  /** How long an operation waits after a step that failed; 2000 by default. */
  readonly heldUpMs?: number
  /** First of the growing waits after a fault of the lease's own store; 1000 by default. */
  readonly retryMs?: number
}

export interface OperationRunner {
  /** Whether this process is the one that carries them out. */
  readonly isLeading: boolean
  /** Waits for the steps under way, and gives the lease to the next one. */
  stop(): Promise<void>
}

/**
 * Carries operations out for as long as this process leads, side by side, each step by step. Where each goes on is durable:
 * whoever leads next goes on there.
 */
export function startOperationRunner(deps: StepDeps, options: OperationRunnerOptions): OperationRunner {
  let isLeading = false
  const leading = startLeading(deps.gallery, {
    key: OPERATIONS_LEASE,
    what: 'lead the operations',
    work: async (signal) => {
      isLeading = true
      await carryOut(deps, options, signal).finally(() => (isLeading = false))
    },
    retryMs: options.retryMs,
  })
  return {
    get isLeading() {
      return isLeading
    },
    stop: () => leading.stop(),
  }
}

async function carryOut(deps: StepDeps, options: OperationRunnerOptions, signal: AbortSignal): Promise<void> {
  const { operations, gallery } = deps
  const underWay = new Map<OperationId, Promise<void>>()
  const look = async () => {
    for (const operation of await operations.records.listByState(['preparing', 'running'], { signal })) {
      const { id } = operation
      if (underWay.has(id)) continue
      const work = carryOutOne({ deps, options }, operation, signal)
      underWay.set(
        id,
        work.finally(() => underWay.delete(id)),
      )
    }
  }
  const deferring = async (what: string, work: () => Promise<void>) => {
    try {
      await work()
    } catch (fault) {
      if (!signal.aborted) gallery.onDeferred(what, fault)
    }
  }
  const { redescribing } = deps
  const kept = redescribing && keepDescribed({ ...deps, redescribing }, signal)
  await deferring('tidy operations', () => tidyOperations(deps, { signal }))
  while (!signal.aborted) {
    await deferring('look for operations', look)
    await pause(options.everyMs, signal)
  }
  await Promise.all([...underWay.values(), kept])
}

interface Running {
  readonly deps: StepDeps
  readonly options: OperationRunnerOptions
}

/** Until the operation has ended, is paused, or is somebody else's. It throws nothing. */
async function carryOutOne(
  { deps, options }: Running,
  operation: Operation,
  signal: AbortSignal,
): Promise<void> {
  const { gallery, operations } = deps
  let current: Operation | null = operation
  for (let failures = 0; current !== null && !signal.aborted; ) {
    try {
      if (current.state === 'preparing') return await endIfAbandoned(deps, current)
      if (current.state !== 'running') return
      const stepped = await takeStep(deps, current, { signal })
      failures = 0
      options.onStep?.(current.kind, stepped.units)
      current = await writeStep(deps, current, stepped)
    } catch (fault) {
      if (signal.aborted) return
      gallery.onDeferred('a step of an operation', fault)
      options.onFault?.(operation.kind)
      if (!isPassing(fault)) failures++
      if (failures >= MOST_FAILURES && current !== null) current = await fail(deps, current, fault)
      await pause(options.heldUpMs ?? HELD_UP_MS, signal)
      current = await operations.records.find(operation.id, { signal }).catch(() => current)
    }
    if (current !== null && hasEnded(current)) await leave({ deps, options }, current)
  }
}

/** What was done counts, also if somebody paused the operation meanwhile; but not if another process has gone on with it. */
async function writeStep(
  { gallery, operations }: StepDeps,
  before: Operation,
  { changes, isDone }: StepOutcome,
): Promise<Operation | null> {
  for (let current = before; ; ) {
    const at = gallery.clock.now()
    const ending = isDone ? endingOf(current, { state: 'done', at }) : {}
    const marks = markedAfter(current.marks, { at, done: changes.done ?? current.done })
    const after = await operations.records.update(current, { ...changes, ...ending, marks, updatedAt: at })
    if (after !== null) return after
    const found = await operations.records.find(before.id)
    if (found === null) await operations.records.forget(before.id)
    if (found === null || hasEnded(found) || found.cursor !== before.cursor) return found
    current = found
  }
}

async function fail(
  { gallery, operations }: StepDeps,
  current: Operation,
  fault: unknown,
): Promise<Operation | null> {
  const at = gallery.clock.now()
  const changes = { ...endingOf(current, { state: 'failed', at }), failure: reasonForCallers(fault) }
  return (await operations.records.update(current, changes)) ?? operations.records.find(current.id)
}

async function endIfAbandoned({ gallery, operations }: StepDeps, operation: Operation): Promise<void> {
  const at = gallery.clock.now()
  if (at - operation.updatedAt < ABANDONED_MS) return
  const failure = 'the server ended while it was being prepared; nothing was done'
  await operations.records.update(operation, { ...endingOf(operation, { state: 'failed', at }), failure })
  await operations.targets.drop(operation.id)
}

async function leave({ deps, options }: Running, ended: Operation): Promise<void> {
  if (ended.state === 'done' || ended.state === 'failed') options.onEnd?.(ended.kind, ended.state)
  try {
    await deps.operations.targets.drop(ended.id)
    await forgetOldOperations(deps)
  } catch (fault) {
    deps.gallery.onDeferred('tidy operations', fault)
  }
}

function isPassing(fault: unknown): boolean {
  return fault instanceof AppError && fault.retryable
}
