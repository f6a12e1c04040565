import type { ImportId } from '../../ids.ts'
import type { Import, ImportPolicies } from '../../imports/import.ts'
import type { RowDraft } from '../../imports/import-row.ts'
import { newTestId } from './new-test-id.ts'

/** Takes everything as it comes. */
export const PLAIN_POLICIES: ImportPolicies = {
  faces: 'central',
  quality: [],
  samePicture: 'skip',
  samePerson: 'off',
  onConflict: 'keep',
  resize: null,
  dryRun: false,
}

export function anImport(given: Partial<Import> = {}): Import {
  const now = 1_000
  return {
    id: newTestId<ImportId>(),
    name: 'staff',
    policies: PLAIN_POLICIES,
    groups: [],
    state: 'open',
    takesRows: true,
    createdAt: now,
    updatedAt: now,
    endedAt: null,
    heldUp: null,
    source: null,
    erasesPersons: false,
    rev: 1,
    ...given,
  }
}

/** A row of its own person, without a picture. */
export function aRow(given: Partial<RowDraft> = {}): RowDraft {
  const key = given.key ?? newTestId()
  return {
    key,
    person: { by: 'key', key },
    picture: null,
    digest: `digest of ${key}`,
    pictureSha256: null,
    ...given,
  }
}
