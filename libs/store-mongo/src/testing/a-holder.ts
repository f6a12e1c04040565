import { randomUUID } from 'node:crypto'
import { setTimeout as sleepFor } from 'node:timers/promises'
import type { ExclusiveProcess } from '@semblance/testkit'
import type { MongoDatabase } from '../database/mongo-database.ts'
import { createMongoExclusive, type MongoExclusiveOptions } from '../exclusive/mongo-exclusive.ts'

export interface HolderOptions {
  readonly database: MongoDatabase
  readonly leaseMs: number
  readonly timeoutMs?: number
  readonly hasEnded?: MongoExclusiveOptions['hasEnded']
}

const DAY = 86_400_000

let holders = 0

/** A process among others, as far as leases go; its clock agrees with nobody's. */
export function aHolder(options: HolderOptions): ExclusiveProcess {
  holders += 1
  const aheadMs = holders * DAY
  const clock = { monotonic: () => performance.now() + aheadMs }
  let awake = Promise.withResolvers<void>()
  awake.resolve()
  const exclusive = createMongoExclusive({
    timeoutMs: 5000,
    ...options,
    clock,
    holderId: randomUUID(),
    sleep: async (ms, { signal }) => {
      await sleepFor(ms, undefined, signal && { signal })
      await awake.promise
    },
  })
  return {
    exclusive,
    pause: () => {
      awake = Promise.withResolvers()
    },
    resume: () => awake.resolve(),
  }
}
