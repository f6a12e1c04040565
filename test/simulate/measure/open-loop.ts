import type { Random } from '../engine/random.ts'
import { quantileOf } from '../model/observations.ts'

export interface OpenLoop {
  /** Requests a second, on average. They come whether or not the earlier ones are answered. */
  readonly rate: number
  readonly ms: number
  readonly random: Random
  /** Sends one, and resolves with the status of its answer. */
  readonly send: (number: number) => Promise<number>
}

export interface OpenLoopRun {
  /** When each was sent, ms since the beginning. */
  readonly arrivals: readonly number[]
  readonly refused: number
  readonly answeredPerSecond: number
  readonly p50Ms: number
  readonly p95Ms: number
}

/** Callers who know nothing of each other: a new one comes after a time that is drawn at random. */
export async function runOpenLoop({ rate, ms, random, send }: OpenLoop): Promise<OpenLoopRun> {
  const times: number[] = []
  const arrivals: number[] = []
  let refused = 0
  const calls: Promise<void>[] = []
  const began = performance.now()
  const ask = async (number: number) => {
    const at = performance.now()
    const status = await send(number)
    if (status === 200) times.push(performance.now() - at)
    else refused += 1
  }
  for (let next = random.exponential(1000 / rate); next < ms; next += random.exponential(1000 / rate)) {
    // A timer may be late: whoever is due by now is sent at once.
    const waitMs = began + next - performance.now()
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    calls.push(ask(arrivals.length))
    arrivals.push(Math.round(performance.now() - began))
  }
  await Promise.all(calls)
  const sorted = times.toSorted((a, b) => a - b)
  return {
    arrivals,
    refused,
    answeredPerSecond: (times.length * 1000) / ms,
    p50Ms: quantileOf(sorted, 0.5),
    p95Ms: quantileOf(sorted, 0.95),
  }
}
