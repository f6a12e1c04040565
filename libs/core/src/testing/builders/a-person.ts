import type { PersonId } from '../../ids.ts'
import type { Person } from '../../persons/person.ts'
import { newTestId } from './new-test-id.ts'

/** Live, in no group, never expiring. */
export function aPerson(given: Partial<Person> = {}): Person {
  return {
    id: newTestId<PersonId>(),
    name: 'Ada',
    externalId: null,
    metadata: '{}',
    groups: [],
    expireAt: null,
    createdAt: 1_700_000_000_000,
    updatedAt: 1_700_000_000_000,
    rev: 1,
    state: 'live',
    dirty: false,
    ...given,
  }
}
