import type { RecordFault } from '../records/record-faults.ts'
import type { FlatRow } from './flat-row.ts'
import type { ImportState } from './import.ts'
import { OUTCOME_KINDS } from './row-outcome.ts'

const STATES: ReadonlySet<unknown> = new Set<ImportState>([
  'open',
  'running',
  'paused',
  'cancelled',
  'done',
  'deleting',
])
const KINDS: ReadonlySet<unknown> = new Set(OUTCOME_KINDS)

/** Parts of an import as a store keeps them. */
export interface StoredImport {
  readonly state: unknown
  /** JSON. */
  readonly policies: unknown
  readonly groups: unknown
}

export function faultOfImport({ state, policies, groups }: StoredImport): RecordFault {
  if (!STATES.has(state)) return 'its state is none that this version knows'
  if (!isJsonObject(policies)) return 'its policies are no JSON object'
  return Array.isArray(groups) ? null : 'its groups are no list of ids'
}

/** `outcomeKind` null: it has not ended. */
export function faultOfFlatRow(row: Pick<FlatRow, 'fields' | 'outcomeKind' | 'outcome'>): RecordFault {
  if (!isJsonObject(row.fields)) return 'its fields are no JSON object'
  if (row.outcomeKind === null) return null
  if (!KINDS.has(row.outcomeKind)) return 'its outcome is none that this version knows'
  return isJsonObject(row.outcome) ? null : 'its outcome is no JSON object'
}

/** Undefined for what is no JSON. */
export function jsonOrNothing(text: unknown): unknown {
  try {
    return typeof text === 'string' ? JSON.parse(text) : undefined
  } catch {
    return undefined
  }
}

function isJsonObject(text: unknown): boolean {
  const value = jsonOrNothing(text)
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
