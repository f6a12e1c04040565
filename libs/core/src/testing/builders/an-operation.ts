import type { ImageId, OperationId, PersonId } from '../../ids.ts'
import type { DuplicatePair } from '../../operations/duplicate-pair.ts'
import type { OperationOf } from '../../operations/operation.ts'
import { newTestId } from './new-test-id.ts'

const PROGRESS = {
  state: 'running',
  cursor: null,
  done: 0,
  total: 10,
  skipped: 0,
  marks: [],
  isLimitReached: false,
  failure: null,
  createdAt: 1_000,
  updatedAt: 1_000,
  endedAt: null,
  rev: 1,
} as const

export function aDeletion(given: Partial<OperationOf<'delete-persons'>> = {}): OperationOf<'delete-persons'> {
  const parameters = { filter: { name: 'Ada' } }
  return { id: newTestId<OperationId>(), ...PROGRESS, kind: 'delete-persons', parameters, ...given }
}

export function aDuplicateSearch(
  given: Partial<OperationOf<'find-duplicates'>> = {},
): OperationOf<'find-duplicates'> {
  const parameters = { threshold: 1, groupIds: [] }
  return { id: newTestId<OperationId>(), ...PROGRESS, kind: 'find-duplicates', parameters, ...given }
}

/** Of two persons, the first with the smaller id. */
export function aPair(given: Partial<DuplicatePair> = {}): DuplicatePair {
  return {
    personId: newTestId<PersonId>(),
    otherId: newTestId<PersonId>(),
    imageId: newTestId<ImageId>(),
    otherImageId: newTestId<ImageId>(),
    distance: 0.5,
    ...given,
  }
}
