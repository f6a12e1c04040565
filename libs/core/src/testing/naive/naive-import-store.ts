import type { ImageId, ImportId, PersonId } from '../../ids.ts'
import { type Import, PACE_WINDOW_MS, type RowCounts, type RowPace } from '../../imports/import.ts'
import {
  cancelledRow,
  endedRow,
  erasedRow,
  type ImportRow,
  personKeyOf,
  type RowDraft,
} from '../../imports/import-row.ts'
import type { OutcomeKind } from '../../imports/row-outcome.ts'
import { pageOf } from '../../page.ts'
import type { Clock } from '../../ports/clock.ts'
import type {
  AddedRow,
  BoundPerson,
  HeldRows,
  ImportedPersons,
  ImportRecords,
  ImportRows,
  ImportStore,
  NamedRow,
} from '../../ports/import-store.ts'
import type { Waiting } from '../../ports/waiting.ts'

interface KeptRow {
  row: ImportRow
  readonly addedAt: number
  readonly addedAtMs: number
  claim: { readonly holder: string; readonly until: number } | null
}

interface KeptImport {
  made: Import
  /** By key. */
  readonly rows: Map<string, KeptRow>
  readonly persons: Map<string, BoundPerson>
  /** Whom an import that is gone was to make as well. */
  readonly shared: Set<PersonId>
  nextPosition: number
  takenBytes: number
}

/** What the naive import stores of one "installation" share. */
export type NaiveImports = Map<ImportId, KeptImport>

/** The ImportStore contract in its plainest form, in memory. */
export function createNaiveImportStore(clock: Clock, imports: NaiveImports = new Map()): ImportStore {
  const rowsOf = (id: ImportId) =>
    [...(imports.get(id)?.rows.values() ?? [])].toSorted((a, b) => a.row.position - b.row.position)
  const isFree = ({ row, claim }: KeptRow) =>
    row.outcome === null && (claim === null || claim.until <= clock.monotonic())
  const named = (id: ImportId, { key, position }: NamedRow) => {
    const kept = imports.get(id)?.rows.get(key)
    return kept?.row.position === position ? kept : undefined
  }
  const heldBy = ({ id, holder, rows }: HeldRows) =>
    rows.flatMap((row) => {
      const kept = named(id, row)
      return kept?.claim?.holder === holder && kept.row.outcome === null ? [kept] : []
    })
  const chosen = (isChosen: (made: Import) => boolean) =>
    [...imports.values()]
      .map(({ made }) => made)
      .filter(isChosen)
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
  const records: ImportRecords = {
    insert: async (made, waiting) => {
      waiting?.signal?.throwIfAborted()
      if (imports.has(made.id)) return false
      const kept = { rows: new Map(), persons: new Map(), shared: new Set<PersonId>() }
      imports.set(made.id, { made, ...kept, nextPosition: 1, takenBytes: 0 })
      return true
    },
    find: async (id) => imports.get(id)?.made ?? null,
    list: async (request) => {
      const { cursor, page, size } = request
      const all = [...imports.values()]
        .map(({ made }) => made)
        .filter(({ id, state }) => state !== 'deleting' && (cursor === undefined || id < cursor))
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
      return pageOf(all.slice((page - 1) * size, page * size), all.length, request)
    },
    listByState: async (states) => chosen(({ state }) => states.includes(state)),
    listCancelling: async () => chosen(({ state, endedAt }) => state === 'cancelled' && endedAt === null),
    update: async ({ id, rev }, changes) => {
      const kept = imports.get(id)
      if (kept?.made.rev !== rev) return null
      kept.made = { ...kept.made, ...changes, rev: rev + 1 }
      return kept.made
    },
    // Nobody damages them.
    isUnreadable: async () => false,
    forget: async (id) => {
      const own = [...(imports.get(id)?.persons.values() ?? [])].filter(({ isMade }) => isMade)
      imports.delete(id)
      for (const { persons, shared } of imports.values())
        for (const { personId } of own)
          if ([...persons.values()].some((one) => one.isMade && one.personId === personId))
            shared.add(personId)
    },
  }
  const rows: ImportRows = {
    add: async (id, drafts) => {
      const kept = imports.get(id)
      return drafts.map((draft) => (kept === undefined ? 'conflict' : addRow(kept, draft, clock)))
    },
    known: async (id, keys) =>
      keys.flatMap((key) => {
        const kept = imports.get(id)?.rows.get(key)
        return kept === undefined ? [] : [{ key, pictureSha256: kept.row.pictureSha256 }]
      }),
    neededPictures: async (ids) => {
      const needed = new Set<ImageId>()
      for (const id of imports.keys()) {
        for (const { row } of rowsOf(id)) if (needsPicture(row)) needed.add(row.picture.stagedId)
      }
      return ids.filter((id) => needed.has(id))
    },

    claim: async ({ id, holder, leaseMs, newImageIds }) => {
      const free = rowsOf(id).filter(isFree).slice(0, newImageIds.length)
      return free.map((kept, i) => {
        const imageId = kept.row.imageId ?? newImageIds[i] ?? null
        kept.row = { ...kept.row, imageId, tries: kept.row.tries + 1 }
        kept.claim = { holder, until: clock.monotonic() + leaseMs }
        return kept.row
      })
    },
    extend: async ({ leaseMs, ...held }) => {
      const mine = heldBy(held)
      for (const kept of mine) kept.claim = { holder: held.holder, until: clock.monotonic() + leaseMs }
      return mine.map(({ row }) => row.position)
    },
    endClaims: async ({ id, holder }) => {
      for (const kept of rowsOf(id))
        if (kept.claim !== null && kept.claim.holder !== holder) kept.claim = { ...kept.claim, until: -1 }
    },
    renewImageId: async ({ id, holder, imageId, ...row }) => {
      for (const kept of heldBy({ id, holder, rows: [row] })) kept.row = { ...kept.row, imageId }
    },
    release: async (held) => {
      for (const kept of heldBy(held)) {
        kept.row = { ...kept.row, tries: kept.row.tries - 1 }
        kept.claim = null
      }
    },
    end: async ({ id, holder, rows }) =>
      rows.flatMap(({ outcome, ...row }) => {
        const [kept] = heldBy({ id, holder, rows: [row] })
        if (kept === undefined) return []
        kept.row = endedRow(kept.row, { outcome, at: clock.now() })
        kept.claim = null
        return [row.position]
      }),
    setPictureSha256: async ({ id, sha256, ...row }) => {
      const kept = named(id, row)
      if (kept !== undefined) kept.row = { ...kept.row, pictureSha256: sha256 }
    },
    wouldHavePicture: async ({ id, personKey, sha256 }) =>
      rowsOf(id).some(
        ({ row: { outcome, person, pictureSha256 } }) =>
          outcome?.kind === 'enrolled' && pictureSha256 === sha256 && personKeyOf(person) === personKey,
      ),
    retry: async ({ id, kinds, passingOnly }) => {
      const again = rowsOf(id).filter(({ row: { outcome, picture, digest } }) => {
        if (outcome === null || digest === '' || !kinds.some((kind) => kind === outcome.kind)) return false
        if (outcome.kind !== 'failed') return picture?.from === 'link'
        return !passingOnly || outcome.isPassing
      })
      for (const kept of again)
        kept.row = { ...kept.row, outcome: null, endedAt: null, tries: 0, imageId: null }
      return again.length
    },

    list: async ({ id, after, limit, kinds }) =>
      rowsOf(id)
        .map(({ row }) => row)
        .filter(({ position, outcome }) => position > after && isOfKind(outcome?.kind, kinds))
        .slice(0, limit),
    find: async (id, key) => imports.get(id)?.rows.get(key)?.row ?? null,
    count: async (id) => countRows(rowsOf(id), clock),
    pace: async (id) => paceOf(rowsOf(id), { takenBytes: imports.get(id)?.takenBytes ?? 0, clock }),
    cancel: async (id, limit) => {
      const failed = ({ row }: KeptRow) => row.outcome !== null && needsPicture(row)
      const isNew = ({ row }: KeptRow) => row.outcome === null && row.imageId === null
      const chosen = rowsOf(id).filter((kept) => isNew(kept) || failed(kept))
      return chosen.slice(0, limit).map((kept) => {
        const before = kept.row
        kept.row = cancelledRow(before, clock.now())
        kept.claim = null
        return before
      })
    },
    remove: async (id, limit) => {
      const kept = imports.get(id)
      const gone = rowsOf(id).slice(0, limit)
      for (const { row } of gone) kept?.rows.delete(row.key)
      return gone.map(({ row }) => row)
    },
  }
  const persons: ImportedPersons = {
    bind: async ({ id, ...bound }) => {
      const persons = imports.get(id)?.persons
      const earlier = persons?.get(bound.personKey)
      if (earlier === undefined) persons?.set(bound.personKey, bound)
      return earlier ?? bound
    },
    find: async (id, personKey, waiting?: Waiting) => {
      waiting?.signal?.throwIfAborted()
      return imports.get(id)?.persons.get(personKey) ?? null
    },
    findMany: async (id, personKeys, waiting?: Waiting) => {
      waiting?.signal?.throwIfAborted()
      return personKeys.map((key) => imports.get(id)?.persons.get(key)).filter((one) => one !== undefined)
    },
    seal: async ({ personId, personKey: name, beforeMs = Number.POSITIVE_INFINITY, insteadOf = [] }) => {
      const others = new Set<PersonId>()
      for (const { persons, rows } of imports.values()) {
        const lastOf = (personKey: string) => {
          const meant = [...rows.values()].filter(
            ({ row, addedAtMs }) => personKeyOf(row.person) === personKey && addedAtMs < beforeMs,
          )
          return Math.max(0, ...meant.map(({ row }) => row.position))
        }
        const earlier = name === null ? undefined : persons.get(name)
        if (name !== null && lastOf(name) > 0) {
          if (earlier === undefined || (earlier.isMade && insteadOf.includes(earlier.personId)))
            persons.set(name, { personKey: name, personId, isMade: false })
          else if (earlier.isMade && earlier.personId !== personId) others.add(earlier.personId)
        }
        for (const [personKey, bound] of persons) {
          if (bound.personId !== personId) continue
          persons.set(personKey, { ...bound, upTo: Math.max(bound.upTo ?? 0, lastOf(personKey)) })
        }
      }
      return [...others]
    },
    now: async () => clock.now(),
    erase: async (personId) => {
      const staged: ImageId[] = []
      let ended = 0
      for (const { persons, rows } of imports.values()) {
        const bound = [...persons.values()].filter((one) => one.personId === personId)
        const last = new Map(
          bound.map(({ personKey, upTo }) => [personKey, upTo ?? Number.POSITIVE_INFINITY]),
        )
        last.set(personKeyOf({ by: 'id', id: personId }), Number.POSITIVE_INFINITY)
        for (const { personKey } of bound) persons.delete(personKey)
        const isOfPerson = ({ row }: KeptRow) => row.position <= (last.get(personKeyOf(row.person)) ?? 0)
        for (const kept of [...rows.values()].filter(isOfPerson)) {
          if (kept.row.outcome === null) ended += 1
          if (needsPicture(kept.row)) staged.push(kept.row.picture.stagedId)
          rows.delete(kept.row.key)
          kept.row = erasedRow(kept.row, clock.now())
          kept.claim = null
          rows.set(kept.row.key, kept)
        }
      }
      return { staged, ended }
    },
    unbind: async ({ id, personKey, personId, isGone = false }) => {
      const kept = imports.get(id)
      const hasRows = [...(kept?.rows.values() ?? [])].some(
        ({ row }) => personKeyOf(row.person) === personKey,
      )
      if ((isGone || !hasRows) && kept?.persons.get(personKey)?.personId === personId)
        kept.persons.delete(personKey)
    },
    importsOf: async (personId) =>
      [...imports]
        .flatMap(([id, { persons }]) => {
          const bound = [...persons.values()].filter((one) => one.personId === personId)
          return bound.length === 0 ? [] : [{ id, isMade: bound.some(({ isMade }) => isMade) }]
        })
        .toSorted((a, b) => (a.id < b.id ? 1 : -1))
        .slice(0, 100),
    listMade: async ({ id, after, limit }) =>
      [...(imports.get(id)?.persons.values() ?? [])]
        .filter(({ isMade, personId }) => isMade && (after === null || personId > after))
        .map(({ personId }) => personId)
        .filter((personId) => imports.get(id)?.shared.has(personId) === false)
        .filter((personId) => !isMadeByAnother(imports, { id, personId }))
        .toSorted()
        .slice(0, limit),
  }
  return { records, rows, persons }
}

function isMadeByAnother(
  imports: NaiveImports,
  { id, personId }: { readonly id: ImportId; readonly personId: PersonId },
): boolean {
  return [...imports].some(
    ([other, { persons }]) =>
      other !== id && [...persons.values()].some((one) => one.isMade && one.personId === personId),
  )
}

function addRow(kept: KeptImport, { outcome: wrong, ...draft }: RowDraft, clock: Clock): AddedRow {
  const outcome = wrong ?? null
  const earlier = kept.rows.get(draft.key)
  if (earlier !== undefined) return earlier.row.digest === draft.digest ? 'known' : 'conflict'
  const endedAt = outcome === null ? null : clock.now()
  const row = { ...draft, position: kept.nextPosition, tries: 0, imageId: null, outcome, endedAt }
  kept.nextPosition += 1
  if (row.picture?.from === 'staged') kept.takenBytes += row.picture.bytes
  kept.rows.set(draft.key, { row, addedAt: clock.monotonic(), addedAtMs: clock.now(), claim: null })
  return 'added'
}

type StagedRow = ImportRow & { readonly picture: { readonly from: 'staged' } }

/** A row that failed may be tried again. */
function needsPicture(row: ImportRow): row is StagedRow {
  return row.picture?.from === 'staged' && (row.outcome === null || row.outcome.kind === 'failed')
}

function isOfKind(kind: OutcomeKind | undefined, kinds: readonly OutcomeKind[] | undefined): boolean {
  return kinds === undefined || (kind !== undefined && kinds.includes(kind))
}

function countRows(rows: readonly KeptRow[], clock: Clock): RowCounts {
  const unended = rows.filter(({ row }) => row.outcome === null)
  const claimed = unended.filter(({ claim }) => claim !== null && claim.until > clock.monotonic())
  const waiting = unended.filter((kept) => !claimed.includes(kept))
  const ageOf = (kept: readonly KeptRow[]) =>
    kept.length === 0 ? 0 : clock.monotonic() - Math.min(...kept.map(({ addedAt }) => addedAt))
  const ends = claimed.map(({ claim }) => claim?.until ?? 0)
  const ended: Partial<Record<OutcomeKind, number>> = {}
  for (const { row } of rows) if (row.outcome) ended[row.outcome.kind] = (ended[row.outcome.kind] ?? 0) + 1
  return {
    waiting: waiting.length,
    claimed: claimed.length,
    ended,
    stagedBytes: rows.reduce((sum, { row }) => sum + (needsPicture(row) ? row.picture.bytes : 0), 0),
    oldestWaitingMs: ageOf(waiting),
    oldestClaimedMs: ageOf(claimed),
    claimLeftMs: ends.length === 0 ? 0 : Math.max(...ends) - clock.monotonic(),
  }
}

function paceOf(
  rows: readonly KeptRow[],
  { takenBytes, clock }: { readonly takenBytes: number; readonly clock: Clock },
): RowPace {
  const now = clock.now()
  const ends = rows.flatMap(({ row }) => (row.tries > 0 && row.endedAt !== null ? [row.endedAt] : []))
  const lately = ends.filter((at) => at > now - PACE_WINDOW_MS)
  const [first = now, last = now] = [ends.toSorted((a, b) => a - b)[0], ends.toSorted((a, b) => b - a)[0]]
  return {
    takenBytes,
    all: { rows: ends.length, ms: last - first },
    lately: { rows: lately.length, ms: lately.length === 0 ? 0 : now - Math.min(...lately) },
    idleMs: ends.length === 0 ? null : now - last,
  }
}
