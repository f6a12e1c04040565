/** Time and identity come in from outside, so that tests never sleep and replays match. */
export interface Clock {
  /** Milliseconds since the Unix epoch. They may be a minute wrong: never compare them with another machine's. */
  now(): number
  /** Milliseconds on a clock that only goes forward; for durations and leases. */
  monotonic(): number
}

/** A fresh UUIDv7: time-ordered, so that lists by decreasing id are newest first. */
export type NewId = () => string
