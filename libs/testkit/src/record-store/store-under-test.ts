import type { RecordStore } from '@semblance/core'
import { afterEach, beforeEach } from 'vitest'
import type { OpenRecordStore, RecordStoreHarness } from './record-store-contract.ts'

/** A fresh store for each test of the surrounding `describe`; the getters answer that test's. */
export function useStore(open: OpenRecordStore): {
  readonly store: RecordStore
  readonly harness: RecordStoreHarness
} {
  let current: RecordStoreHarness | null = null
  beforeEach(async () => {
    current = await open()
  })
  afterEach(async () => {
    await current?.close()
    current = null
  })
  const harness = () => {
    if (current === null) throw new Error('the store is opened before each test, not earlier')
    return current
  }
  return {
    get store() {
      return harness().store
    },
    get harness() {
      return harness()
    },
  }
}

/** How many of these calls answered true, or anything but null. */
export async function countWinners(calls: readonly Promise<unknown>[]): Promise<number> {
  const answers = await Promise.all(calls)
  return answers.filter((answer) => answer !== false && answer !== null).length
}

/** Enough to make a race likely to show, few enough for any store. */
export const RIVALS = Array.from({ length: 16 }, (_, i) => i)
