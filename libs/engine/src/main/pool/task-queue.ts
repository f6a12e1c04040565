import { LANES, type Lane } from '@semblance/core'

/** Place in the queue: by lane, then by the age of the picture that it belongs to. */
export interface TaskOrder {
  readonly lane: Lane
  /** Rises with each picture: what is begun is finished first, which keeps few pictures in memory. */
  readonly ticket: number
  /**
   * A dear look of a detector: at a part of a large picture, or at a picture in which the first looks saw nobody. Such looks take
   * several times as long as all other tasks of a search, so those of others overtake them.
   */
  readonly isDear?: boolean | undefined
}

/** Waiting work, most urgent lane first, oldest picture first, in the order of arrival within a picture. */
export class TaskQueue<T extends TaskOrder> {
  readonly #lanes: Readonly<Record<Lane, T[]>> = { search: [], enroll: [], bulk: [] }

  get size(): number {
    return LANES.reduce((sum, lane) => sum + this.#lanes[lane].length, 0)
  }

  add(task: T): void {
    const lane = this.#lanes[task.lane]
    const younger = lane.findLastIndex(({ ticket }) => ticket <= task.ticket) + 1
    lane.splice(younger, 0, task)
  }

  /** The most urgent one without taking it; `among`: of these lanes. */
  peek(among: readonly Lane[] = LANES): T | null {
    for (const lane of among) {
      const [task] = this.#lanes[lane]
      if (task !== undefined) return task
    }
    return null
  }

  remove(task: T): void {
    const lane = this.#lanes[task.lane]
    const at = lane.indexOf(task)
    if (at >= 0) lane.splice(at, 1)
  }

  /** Takes everything. */
  drain(): T[] {
    return LANES.flatMap((lane) => this.#lanes[lane].splice(0))
  }
}
