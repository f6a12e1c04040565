import type { PersonStore } from '@semblance/core'
import { describe } from 'vitest'
import { describeEnrolledCount } from './enrolled-count-contract.ts'
import { describeEnrollmentLists } from './enrollment-lists-contract.ts'
import { describeGroups } from './groups-contract.ts'
import { describeImages } from './images-contract.ts'
import { describeOverdue } from './overdue-contract.ts'
import { describePersonFilters } from './person-filters-contract.ts'
import { describePersonLists } from './person-lists-contract.ts'
import { describePersons } from './persons-contract.ts'
import { describeStoreLife } from './store-life-contract.ts'

/** An empty store of its own for one test. */
export interface PersonStoreHarness {
  readonly store: PersonStore
  /** The same data through another connection, as another process would see it; closed with the harness. */
  another(): Promise<PersonStore>
  /**
   * Makes everything written so far older by `ms`, as the store judges it: by moving the store's clock, or by
   * setting the times of writing back.
   */
  age(ms: number): Promise<void>
  /** Closes and removes everything. */
  close(): Promise<void>
}

export type OpenPersonStore = () => Promise<PersonStoreHarness>

/** What the docstrings of `PersonStore` promise, as claims. `open` is called once for each of them. */
export function describePersonStoreContract(name: string, open: OpenPersonStore): void {
  describe(`${name} keeps the PersonStore contract`, () => {
    describePersons(open)
    describePersonLists(open)
    describePersonFilters(open)
    describeImages(open)
    describeEnrollmentLists(open)
    describeGroups(open)
    describeOverdue(open)
    describeEnrolledCount(open)
    describeStoreLife(open)
  })
}
