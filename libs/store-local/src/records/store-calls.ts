import type {
  DescriptorRecords,
  DuplicatePairs,
  FeedbackRecords,
  GroupId,
  GroupRecords,
  IdempotencyStore,
  ImageRecords,
  ImportedPersons,
  ImportRecords,
  ImportRows,
  OperationRecords,
  OperationTargets,
  OutcomeKind,
  OverdueRecords,
  PageOfIds,
  PageRequest,
  PersonId,
  PersonQuery,
  PersonRecords,
  RecordStore,
  SettingRecords,
  Waiting,
} from '@semblance/core'

/** What the store's thread answers, on the caller's side of it. */
export interface StorePorts {
  readonly persons: StoredPersons
  readonly images: ImageRecords
  readonly descriptors: DescriptorRecords
  readonly groups: StoredGroups
  readonly feedback: FeedbackRecords
  readonly settings: SettingRecords
  readonly overdue: OverdueRecords
  readonly replies: LocalIdempotencyStore
  readonly importRecords: ImportRecords
  readonly importRows: ImportRows
  readonly importedPersons: ImportedPersons
  readonly operationRecords: OperationRecords
  readonly operationTargets: OperationTargets
  readonly duplicatePairs: DuplicatePairs
  readonly store: Pick<RecordStore, 'countEnrolled' | 'check'>
}

/** A list is made on the caller's side, which reads its records in portions. */
export interface StoredPersons extends Omit<PersonRecords, 'list'> {
  findPage(query: PersonQuery, request: PageRequest, waiting?: Waiting): Promise<PageOfIds<PersonId>>
}

/** A list is made as that of persons is. */
export interface StoredGroups extends Omit<GroupRecords, 'list'> {
  findPage(request: PageRequest, waiting?: Waiting): Promise<PageOfIds<GroupId>>
}

export interface LocalIdempotencyStore extends IdempotencyStore {
  /** Ends all leases. Right after the start of the only process that uses the file, whoever held a claim is dead. */
  endLeases(waiting?: Waiting): Promise<void>
}

export type PortName = keyof StorePorts

/**
 * Writes that arrive together share one commit, and reads see none of it. What adds makes the gallery larger: it is
 * refused when the disk is nearly full, which deleting must not wait for. What erases takes away or replaces something that
 * is to be in no file soon after, such as a name, a descriptor, or an answer: the write-ahead log is emptied for it. Ids
 * and times are no such thing.
 */
type Effect = 'reads' | 'writes' | 'adds' | 'erases'

/** The arguments of a port's method, without the wait of its caller. */
type ArgumentsOf<Method> = Method extends (...args: infer All) => unknown
  ? Required<All> extends readonly [...infer Own, unknown]
    ? Own
    : never
  : never

/** How many arguments a method takes before the wait of its caller, what it does, and when it erases, if not always. */
type CallsOf<Port> = {
  readonly [Method in keyof Port]:
    | readonly [ArgumentsOf<Port[Method]>['length'], Effect]
    | readonly [ArgumentsOf<Port[Method]>['length'], 'erases', (...own: ArgumentsOf<Port[Method]>) => boolean]
}

/** A tombstone has no descriptor, no name and no metadata. */
const buries = (_target: unknown, { to }: { readonly to: string }) => to === 'gone' || to === 'erased'

/** Nothing else has what such a row said: of one with another outcome the gallery has it, or the row itself for another try. */
const KEPT_OUTCOMES: ReadonlySet<OutcomeKind> = new Set([
  'enrolled',
  'person-written',
  'group-written',
  'failed',
])

/**
 * Every call that crosses the thread. A method of a port that is missing here, or in the rows behind it, does not
 * compile; nothing else need be written for it on either side.
 */
export const STORE_CALLS = {
  persons: {
    insert: [1, 'adds'],
    find: [1, 'reads'],
    findMany: [1, 'reads'],
    update: [
      2,
      'erases',
      (_target, changes) =>
        changes.state === 'gone' || 'name' in changes || 'externalId' in changes || 'metadata' in changes,
    ],
    markClean: [1, 'writes'],
    markUnreadable: [1, 'erases'],
    listMerged: [1, 'reads'],
    listIds: [1, 'reads'],
    listSorted: [1, 'reads'],
    findPage: [2, 'reads'],
  },
  images: {
    insert: [1, 'adds'],
    find: [1, 'reads'],
    findMany: [1, 'reads'],
    findJudged: [1, 'reads'],
    recordedIds: [1, 'reads'],
    ownersAmong: [1, 'reads'],
    countOf: [1, 'reads'],
    move: [2, 'erases', buries],
    markUnreadable: [1, 'writes'],
    list: [2, 'reads'],
    listIds: [1, 'reads'],
    scanEnrolled: [1, 'reads'],
  },
  descriptors: {
    note: [1, 'adds'],
    find: [1, 'reads'],
    scan: [1, 'reads'],
    listLacking: [1, 'reads'],
    listUndescribed: [1, 'reads'],
    countUndescribed: [1, 'reads'],
    sampleIds: [1, 'reads'],
    keepOnly: [1, 'erases'],
  },
  groups: {
    insert: [1, 'adds'],
    find: [1, 'reads'],
    findMany: [1, 'reads'],
    update: [2, 'erases'],
    move: [2, 'erases', buries],
    findPage: [1, 'reads'],
    listMembers: [1, 'reads'],
    countMembers: [1, 'reads'],
  },
  feedback: {
    add: [1, 'adds'],
    list: [1, 'reads'],
    remove: [1, 'erases'],
    erase: [1, 'erases'],
  },
  settings: {
    readDefaultGroup: [0, 'reads'],
    setDefaultGroup: [1, 'writes'],
    readPack: [0, 'reads'],
    claimPack: [1, 'writes'],
    readPacks: [0, 'reads'],
    changePacks: [1, 'writes'],
    claimCursorKey: [1, 'writes'],
  },
  overdue: {
    list: [1, 'reads'],
    count: [1, 'reads'],
    forget: [1, 'writes'],
  },
  replies: {
    claim: [1, 'writes'],
    isDone: [1, 'reads'],
    extend: [2, 'writes'],
    reseed: [2, 'writes'],
    complete: [2, 'writes'],
    release: [1, 'writes'],
    forget: [1, 'erases'],
    endLeases: [0, 'writes'],
  },
  importRecords: {
    insert: [1, 'adds'],
    find: [1, 'reads'],
    list: [1, 'reads'],
    listByState: [1, 'reads'],
    listCancelling: [0, 'reads'],
    isUnreadable: [1, 'reads'],
    update: [2, 'erases', (_target, changes) => 'name' in changes],
    forget: [1, 'erases'],
  },
  importRows: {
    add: [2, 'adds'],
    known: [2, 'reads'],
    neededPictures: [1, 'reads'],
    claim: [1, 'writes'],
    extend: [1, 'writes'],
    endClaims: [1, 'writes'],
    renewImageId: [1, 'writes'],
    release: [1, 'writes'],
    end: [1, 'erases', ({ rows }) => rows.some(({ outcome }) => !KEPT_OUTCOMES.has(outcome.kind))],
    setPictureSha256: [1, 'writes'],
    wouldHavePicture: [1, 'reads'],
    retry: [1, 'writes'],
    list: [1, 'reads'],
    find: [2, 'reads'],
    count: [1, 'reads'],
    pace: [1, 'reads'],
    cancel: [2, 'erases'],
    remove: [2, 'erases'],
  },
  importedPersons: {
    bind: [1, 'writes'],
    seal: [1, 'writes'],
    now: [0, 'reads'],
    unbind: [1, 'erases'],
    find: [2, 'reads'],
    findMany: [2, 'reads'],
    erase: [1, 'erases'],
    listMade: [1, 'reads'],
    importsOf: [1, 'reads'],
  },
  operationRecords: {
    insert: [1, 'adds'],
    find: [1, 'reads'],
    list: [1, 'reads'],
    listByState: [1, 'reads'],
    update: [2, 'erases', (_target, changes) => 'parameters' in changes],
    forget: [1, 'erases'],
  },
  operationTargets: {
    add: [2, 'adds'],
    next: [2, 'reads'],
    drop: [2, 'writes'],
  },
  duplicatePairs: {
    add: [2, 'adds'],
    count: [1, 'reads'],
    list: [1, 'reads'],
    decide: [2, 'writes'],
    erase: [1, 'erases'],
    handOver: [1, 'erases'],
  },
  store: {
    countEnrolled: [0, 'reads'],
    check: [0, 'reads'],
  },
} as const satisfies { readonly [Name in PortName]: CallsOf<StorePorts[Name]> }

/** One method of one port, as it is named on its way to the thread. */
export type CallName = {
  [Name in PortName]: `${Name}.${keyof (typeof STORE_CALLS)[Name] & string}`
}[PortName]

interface CallEffect {
  readonly effect: Effect
  readonly erases: (...own: never[]) => boolean
}

const EFFECTS: ReadonlyMap<string, CallEffect> = new Map(
  Object.entries(STORE_CALLS).flatMap(([port, calls]) =>
    Object.entries(calls as Readonly<Record<string, AnyCall>>).map(([method, [, effect, erases]]) => [
      `${port}.${method}`,
      { effect, erases: erases ?? (() => effect === 'erases') },
    ]),
  ),
)

type AnyCall = readonly [number, Effect, ((...own: never[]) => boolean)?]

export function effectOf(name: CallName): Effect {
  return EFFECTS.get(name)?.effect ?? 'writes'
}

/** Whether this very call takes something away that is to be in no file soon after. */
export function isErasure({
  name,
  args,
}: {
  readonly name: CallName
  readonly args: readonly unknown[]
}): boolean {
  return EFFECTS.get(name)?.erases(...(args as never[])) === true
}

/** A port as the thread has it: at once, and told the caller's time, since the thread has no clock of its own. */
export type RowsOf<Port> = {
  readonly [Method in keyof Port]: Port[Method] extends (...args: never[]) => Promise<infer Answer>
    ? (...args: [...own: ArgumentsOf<Port[Method]>, nowMs: number]) => Answer
    : never
}
