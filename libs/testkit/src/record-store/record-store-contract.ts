import type { RecordStore } from '@semblance/core'
import { describe } from 'vitest'
import { describeDescriptors } from './descriptors-contract.ts'
import { describeEnrolledCount } from './enrolled-count-contract.ts'
import { describeFeedback } from './feedback-contract.ts'
import { describeGroups } from './groups-contract.ts'
import { describeImageLists } from './image-lists-contract.ts'
import { describeImages } from './images-contract.ts'
import { describeOverdue } from './overdue-contract.ts'
import { describePersonFilters } from './person-filters-contract.ts'
import { describePersonLists } from './person-lists-contract.ts'
import { describePersons } from './persons-contract.ts'
import { describeSettings } from './settings-contract.ts'
import { describeSideBySide } from './side-by-side-contract.ts'
import { describeSortedPersons } from './sorted-persons-contract.ts'
import { describeStoreLife } from './store-life-contract.ts'

/** An empty store of its own for one test. */
export interface RecordStoreHarness {
  readonly store: RecordStore
  /** The same data through another connection, as another process would see it; closed with the harness. */
  another(): Promise<RecordStore>
  /**
   * Makes everything written so far older by `ms`, as the store judges it: by moving the store's clock, or by
   * setting the times of writing back.
   */
  age(ms: number): Promise<void>
  /** Closes and removes everything. */
  close(): Promise<void>
}

export type OpenRecordStore = () => Promise<RecordStoreHarness>

/** What the docstrings of `RecordStore` and its ports promise, as claims, port by port. `open` is called once for each of them. */
export function describeRecordStoreContract(name: string, open: OpenRecordStore): void {
  describe(`${name} keeps the RecordStore contract`, () => {
    describePersons(open)
    describePersonLists(open)
    describePersonFilters(open)
    describeSortedPersons(open)
    describeImages(open)
    describeImageLists(open)
    describeDescriptors(open)
    describeGroups(open)
    describeFeedback(open)
    describeSettings(open)
    describeOverdue(open)
    describeEnrolledCount(open)
    describeSideBySide(open)
    describeStoreLife(open)
  })
}
