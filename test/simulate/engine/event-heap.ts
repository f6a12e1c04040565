/** Something that will happen at a time. */
export interface Timed {
  readonly at: number
  /** The order among those of the same time. */
  readonly number: number
}

/** The next of many timed things: adding and taking one take the logarithm of how many there are. */
export class EventHeap<Event extends Timed> {
  readonly #events: Event[] = []

  get first(): Event | undefined {
    return this.#events[0]
  }

  get size(): number {
    return this.#events.length
  }

  add(event: Event): void {
    const events = this.#events
    let at = events.length
    events.push(event)
    while (at > 0) {
      const parent = (at - 1) >> 1
      if (!isBefore(event, events[parent]!)) break
      events[at] = events[parent]!
      at = parent
    }
    events[at] = event
  }

  take(): Event | undefined {
    const events = this.#events
    const first = events[0]
    const last = events.pop()
    if (first === undefined || last === undefined || events.length === 0) return first
    this.#sink(last)
    return first
  }

  /** Puts the event at the top where it belongs. */
  #sink(event: Event): void {
    const events = this.#events
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= events.length) break
      if (child + 1 < events.length && isBefore(events[child + 1]!, events[child]!)) child += 1
      if (!isBefore(events[child]!, event)) break
      events[at] = events[child]!
      at = child
    }
    events[at] = event
  }
}

function isBefore(a: Timed, b: Timed): boolean {
  return a.at < b.at || (a.at === b.at && a.number < b.number)
}
