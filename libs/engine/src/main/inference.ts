import type { ObserveStage, Stage } from '@semblance/core'
import type { FaceTask, FaceTaskKind, FaceTaskResults } from '../messages/face-task.ts'
import type { EngineHealth } from './engine-health.ts'
import type { TaskWork, ThreadPool } from './pool/thread-pool.ts'

const STAGE_OF = {
  detect: 'detect',
  cascade: 'detect',
  tilt: 'detect',
  landmarks: 'landmarks',
  describe: 'describe',
  finish: 'describe',
  measure: 'measure',
  attribute: 'attributes',
  warp: 'crop',
  dim: 'detect',
} as const satisfies Record<FaceTaskKind, Stage>

export interface InferenceDeps {
  readonly pool: ThreadPool<FaceTask>
  readonly observe: ObserveStage
  /** This hears how each task ends. */
  readonly health?: Pick<EngineHealth, 'watch'>
}

/** Runs typed tasks on the threads and reports the time each took there, without its waiting. */
export class Inference {
  readonly #deps: InferenceDeps

  constructor(deps: InferenceDeps) {
    this.#deps = deps
  }

  async run<Kind extends FaceTaskKind>(
    task: Extract<FaceTask, { kind: Kind }>,
    work: TaskWork,
  ): Promise<FaceTaskResults[Kind]> {
    const { pool, health } = this.#deps
    const running = pool.run(task, work)
    const { value, seconds } = await (health?.watch(task.kind, running) ?? running)
    this.#deps.observe(STAGE_OF[task.kind], seconds)
    // The thread answers each kind of task with its own kind of result (`runFaceTask`).
    return value as FaceTaskResults[Kind]
  }
}
