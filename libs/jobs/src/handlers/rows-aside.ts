import type { EngineWork } from '@semblance/core'

/** More than a machine describes in the time that the writes of a row take; each holds its picture in memory. */
const MOST_ROWS = 16

/** Rows of imports that are being written, and leave their place to the next row meanwhile; one for each process. */
export class RowsAside {
  #rows = 0

  /** One too many keeps its place. Answers what to call once the row has ended. */
  stepAside({ stepAside }: Pick<EngineWork, 'stepAside'>): () => void {
    if (stepAside === undefined || this.#rows >= MOST_ROWS) return () => {}
    this.#rows += 1
    stepAside()
    return () => {
      this.#rows -= 1
    }
  }
}
