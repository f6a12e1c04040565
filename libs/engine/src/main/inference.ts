import type { ObserveStage, Stage } from '@semblance/core'
import type { FaceTask, FaceTaskKind, FaceTaskResults } from '../messages/face-task.ts'
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

/** Runs typed tasks on the threads and reports the time each took there, without its waiting. */
export class Inference {
  readonly #deps: { readonly pool: ThreadPool<FaceTask>; readonly observe: ObserveStage }

  constructor(deps: { readonly pool: ThreadPool<FaceTask>; readonly observe: ObserveStage }) {
    this.#deps = deps
  }

  async run<Kind extends FaceTaskKind>(
    task: Extract<FaceTask, { kind: Kind }>,
    work: TaskWork,
  ): Promise<FaceTaskResults[Kind]> {
    const { value, seconds } = await this.#deps.pool.run(task, work)
    this.#deps.observe(STAGE_OF[task.kind], seconds)
    // The thread answers each kind of task with its own kind of result (`runFaceTask`).
    return value as FaceTaskResults[Kind]
  }
}
