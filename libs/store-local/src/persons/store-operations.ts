import type {
  ClaimRequest,
  EnrolledCount,
  EnrolledImage,
  Group,
  GroupId,
  GroupState,
  HeldClaim,
  ImageId,
  ImageState,
  ObserveDamage,
  OverdueQuery,
  PackId,
  PageRequest,
  Person,
  PersonChanges,
  PersonId,
  PersonQuery,
  StoredReply,
} from '@semblance/core'
import type { Database } from 'better-sqlite3'
import { ReplyRows } from '../idempotency/reply-rows.ts'
import { GroupRows } from './group-rows.ts'
import { ImageRows } from './image-rows.ts'
import { OverdueRows } from './overdue-rows.ts'
import { PersonRows } from './person-rows.ts'
import { SettingRows } from './setting-rows.ts'

interface Move<S> {
  readonly from: readonly S[]
  readonly to: S
}
type Target = { readonly id: PersonId; readonly rev: number }
type Unreadable<Id> = { readonly id: Id }
type After<Id> = { readonly after: Id | null; readonly limit: number }
type DefaultGroupChange = { readonly expected: GroupId | null; readonly next: GroupId }
type Untouched = { readonly untouchedMs: number; readonly limit: number }
type Tombstone = { readonly kind: 'person' | 'image' | 'group'; readonly id: string }

/** What changes records; all else only reads. Writes that arrive together share one commit. */
export const WRITES = new Set<string>([
  'insertPerson',
  'updatePerson',
  'markPersonClean',
  'markUnreadablePerson',
  'markUnreadableImage',
  'insertImage',
  'moveImage',
  'insertGroup',
  'updateGroup',
  'moveGroup',
  'setDefaultGroup',
  'claimPack',
  'forget',
  'claimReply',
  'extendReplyClaim',
  'reseedReplyClaim',
  'completeReply',
  'releaseReplyClaim',
  'forgetReplies',
  'endReplyLeases',
] satisfies readonly (keyof StoreOperations)[])

/** What makes the gallery larger: not to be done when the disk is nearly full, which deleting must not wait for. */
export const ADDITIONS: ReadonlySet<string> = new Set([
  'insertPerson',
  'insertImage',
  'insertGroup',
] satisfies readonly (keyof StoreOperations)[])

export type StoreOperations = ReturnType<typeof operationsOver>

/** The calls of the PersonStore and the IdempotencyStore as synchronous functions of the time of the call and one argument list. */
export function operationsOver(db: Database, onDamage: ObserveDamage = () => {}) {
  const persons = new PersonRows(db, onDamage)
  const images = new ImageRows(db, onDamage)
  const settings = new SettingRows(db)
  const overdue = new OverdueRows(db)
  return {
    insertPerson: (now: number, [person]: [Person]) => persons.insert(person, now),
    findPerson: (_: number, [id]: [PersonId]) => persons.find(id),
    findPersons: (_: number, [ids]: [readonly PersonId[]]) => persons.findMany(ids),
    updatePerson: (now: number, [target, changes]: [Target, PersonChanges]) =>
      persons.update(target, changes, now),
    markPersonClean: (now: number, [target]: [Target]) => persons.markClean(target, now),
    markUnreadablePerson: (now: number, [target]: [Unreadable<PersonId> & { readonly updatedAt: number }]) =>
      persons.markUnreadable(target, now),
    listPersons: (_: number, [query, request]: [PersonQuery, PageRequest]) => persons.list(query, request),
    listGroupMembers: (_: number, [query]: [After<PersonId> & { readonly groupId: GroupId }]) =>
      persons.listMembers(query),

    insertImage: (now: number, [image]: [EnrolledImage]) => images.insert(image, now),
    findImage: (_: number, [id]: [ImageId]) => images.find(id),
    findImages: (_: number, [ids]: [readonly ImageId[]]) => images.findMany(ids),
    recordedImageIds: (_: number, [ids]: [readonly ImageId[]]) => images.recordedIds(ids),
    moveImage: (now: number, [id, move]: [ImageId, Move<ImageState>]) => images.move(id, move, now),
    markUnreadableImage: (now: number, [target]: [Unreadable<ImageId> & { readonly personId: PersonId }]) =>
      images.markUnreadable(target, now),
    listImages: (_: number, [personId, request]: [PersonId, PageRequest]) => images.list(personId, request),
    listImageIds: (_: number, [personId]: [PersonId]) => images.listIds(personId),
    scanEnrolled: (_: number, [query]: [After<ImageId>]) => images.scan(query),

    ...groupOperationsOver(db, onDamage),

    readDefaultGroup: (_now: number, _: []) => settings.readDefaultGroup(),
    setDefaultGroup: (_: number, [change]: [DefaultGroupChange]) => settings.setDefaultGroup(change),
    claimPack: (_: number, [packId]: [PackId]) => settings.claimPack(packId),

    listOverdue: (now: number, [query]: [OverdueQuery]) => overdue.list(query, now),
    countOverdue: (now: number, [query]: [Pick<OverdueQuery, 'kind' | 'untouchedMs'>]) =>
      overdue.count(query, now),
    forget: (_: number, [{ kind, id }]: [Tombstone]) => overdue.forget(kind, id),
    ...stateOf(db),
    ...replyOperationsOver(db, onDamage),
  }
}

function groupOperationsOver(db: Database, onDamage: ObserveDamage) {
  const groups = new GroupRows(db, onDamage)
  return {
    insertGroup: (now: number, [group]: [Group]) => groups.insert(group, now),
    findGroup: (_: number, [id]: [GroupId]) => groups.find(id),
    findGroups: (_: number, [ids]: [readonly GroupId[]]) => groups.findMany(ids),
    updateGroup: (now: number, [id, changes]: [GroupId, Partial<Pick<Group, 'name' | 'metadata'>>]) =>
      groups.update(id, changes, now),
    moveGroup: (now: number, [id, move]: [GroupId, Move<GroupState>]) => groups.move(id, move, now),
    listGroups: (_: number, [request]: [PageRequest]) => groups.list(request),
  }
}

function stateOf(db: Database) {
  const enrolled = db.prepare<[], EnrolledCount>(
    'SELECT persons, images, pictureBytes FROM enrolled WHERE id = 0',
  )
  const alive = db.prepare('SELECT 1 FROM settings LIMIT 1')
  return {
    countEnrolled: (_now: number, _: []) => enrolled.get() ?? { persons: 0, images: 0, pictureBytes: 0 },
    check: (_now: number, _: []) => void alive.get(),
  }
}

function replyOperationsOver(db: Database, onDamage: ObserveDamage) {
  const replies = new ReplyRows(db, onDamage)
  return {
    claimReply: (now: number, [request]: [ClaimRequest]) => replies.claim(request, now),
    extendReplyClaim: (now: number, [claim, leaseMs]: [HeldClaim, number]) =>
      replies.extend(claim, leaseMs, now),
    reseedReplyClaim: (now: number, [claim, seed]: [HeldClaim, string]) => replies.reseed(claim, seed, now),
    completeReply: (now: number, [claim, reply]: [HeldClaim, StoredReply | null]) =>
      replies.complete(claim, reply, now),
    releaseReplyClaim: (_: number, [claim]: [HeldClaim]) => replies.release(claim),
    forgetReplies: (now: number, [old]: [Untouched]) => replies.forget(old, now),
    endReplyLeases: (_now: number, _: []) => replies.endLeases(),
  }
}
