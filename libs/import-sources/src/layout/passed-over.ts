import { amount } from '@semblance/core'
import type { SourceNote } from '../source-row.ts'

/** Names in the note; the count says how many more there are. */
const MAX_NAMES = 5

/** Files among pictures that are none, such as `README.txt`: told once, as nobody meant them to be enrolled. */
export class PassedOver {
  readonly #names: string[] = []
  #count = 0

  add(path: string): void {
    this.#count += 1
    if (this.#names.length < MAX_NAMES) this.#names.push(path)
  }

  *notes(): Generator<SourceNote> {
    if (this.#count === 0) return
    const more = this.#count > this.#names.length ? ', …' : ''
    const what =
      this.#count === 1 ? '1 file that is no picture' : `${amount(this.#count, 'file')} that are no pictures`
    const lasting = `passed over ${what}`
    yield { kind: 'note', message: `${lasting}: ${this.#names.join(', ')}${more}`, lasting }
  }
}
