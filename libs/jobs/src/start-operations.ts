import {
  FailedTries,
  type GalleryPorts,
  type JobQueue,
  type OperationKind,
  type OperationRunnerOptions,
  type OperationStore,
  type OperationsStanding,
  type PackDesk,
  standingOfOperations,
  startOperationRunner,
  type Waiting,
} from '@semblance/core'
import { runJob } from './run-job.ts'

/** Who asked for an operation need not wait longer for its first step. */
const LOOK_EVERY_MS = 500
/** For a second of work, its wait in the queue included: that may be long, while searches come first. */
const STEP_DEADLINE_MS = 300_000

export interface OperationsOptions extends Pick<OperationRunnerOptions, 'onStep' | 'onEnd' | 'onFault'> {
  readonly gallery: GalleryPorts
  readonly operations: OperationStore
  readonly queue: JobQueue
  /** Left out: the gallery cannot be moved to another pack here. */
  readonly packs?: PackDesk | undefined
  /** Pictures of such a move that are under way at once; 8 if left out. */
  readonly describedAtOnce?: number | undefined
}

export interface CarriedOut {
  /** By kind. Null in a process that does not carry them out: one of an installation tells it, so that nothing is told twice. */
  standing(waiting: Waiting): Promise<Readonly<Record<OperationKind, OperationsStanding>> | null>
  stop(): Promise<void>
}

/** Carries out what is done to the gallery in the background; comparing images is done as jobs of the bulk lane. */
export function startOperations(options: OperationsOptions): CarriedOut {
  const { gallery, operations, queue, packs, describedAtOnce, ...observers } = options
  const runner = startOperationRunner(
    {
      gallery,
      operations,
      compareImages: ({ after, threshold, groupIds }, waiting) => {
        const payload = { requestId: gallery.newId(), after, threshold, groupIds: [...groupIds] }
        return runJob(queue, { job: 'find-duplicates', payload, deadlineMs: STEP_DEADLINE_MS }, waiting)
      },
      redescribing: packs && {
        desk: packs,
        atOnce: describedAtOnce,
        failedTries: new FailedTries(),
        describe: (asked, waiting) => {
          const payload = { requestId: gallery.newId(), ...asked }
          return runJob(queue, { job: 'redescribe', payload, deadlineMs: STEP_DEADLINE_MS }, waiting)
        },
      },
    },
    { ...observers, everyMs: LOOK_EVERY_MS },
  )
  return {
    standing: async (waiting) => (runner.isLeading ? await standingOfOperations(operations, waiting) : null),
    stop: () => runner.stop(),
  }
}
