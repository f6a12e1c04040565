import type { Group, GroupState } from '../groups/group.ts'
import type { GroupId, PersonId } from '../ids.ts'
import type { Page, PageRequest } from '../page.ts'
import type { Listing, Waiting } from './waiting.ts'

/** Groups, and who names them. See `RecordStore`. */
export interface GroupRecords {
  /** False if the id exists, in whatever state. */
  insert(group: Group, waiting?: Waiting): Promise<boolean>
  find(id: GroupId, waiting?: Waiting): Promise<Group | null>
  /** Those that exist, in any state and any order. */
  findMany(ids: readonly GroupId[], waiting?: Waiting): Promise<readonly Group[]>
  /** Changes a live group; false if there is none. */
  update(id: GroupId, changes: GroupChanges, waiting?: Waiting): Promise<boolean>
  /** Compare-and-set on the state. A move to `gone` leaves a tombstone: see `GROUP_TOMBSTONE`. */
  move(id: GroupId, move: GroupMove, waiting?: Waiting): Promise<boolean>
  /** Lists live groups by decreasing id. Read in portions, as persons are. */
  list(request: PageRequest, listing?: Listing): Promise<Page<Group>>
  /** Every person that is not `gone` and names the group, by increasing id after `after`. */
  listMembers(
    query: { readonly groupId: GroupId; readonly after: PersonId | null; readonly limit: number },
    waiting?: Waiting,
  ): Promise<readonly PersonId[]>
  /** How many persons of the group are visible at `nowMs`. Walks the group's part of an index. */
  countMembers(
    query: { readonly groupId: GroupId; readonly nowMs: number },
    waiting?: Waiting,
  ): Promise<number>
}

export type GroupChanges = Partial<Pick<Group, 'name' | 'metadata'>>

export interface GroupMove {
  readonly from: readonly GroupState[]
  readonly to: GroupState
}
