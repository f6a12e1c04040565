import type { DescriptorRecords } from './descriptor-records.ts'
import type { FeedbackRecords } from './feedback-records.ts'
import type { GroupRecords } from './group-records.ts'
import type { ImageRecords } from './image-records.ts'
import type { OverdueRecords } from './overdue-records.ts'
import type { PersonRecords } from './person-records.ts'
import type { SettingRecords } from './setting-records.ts'
import type { Waiting } from './waiting.ts'

/**
 * Persons, groups and image records, descriptors included: the one source of truth. Index and pictures are
 * derived or attached. A call that resolves is durable (survives kill -9 and power loss) and seen by every later
 * read through any process. Every write is one atomic step on one record; nothing spans two. An unreachable or
 * failing store throws E_STORE_UNAVAILABLE. Two callers that compare-and-set at once: exactly one wins.
 */
export interface RecordStore {
  readonly persons: PersonRecords
  readonly images: ImageRecords
  readonly descriptors: DescriptorRecords
  readonly groups: GroupRecords
  readonly feedback: FeedbackRecords
  readonly settings: SettingRecords
  readonly overdue: OverdueRecords
  /**
   * How much is enrolled, for metrics: cheap at any size, and so perhaps as of half a minute ago. Expired persons count
   * until they are deleted.
   */
  countEnrolled(waiting?: Waiting): Promise<EnrolledCount>
  /** Resolves when the store answers; throws E_STORE_UNAVAILABLE when it does not. */
  check(waiting?: Waiting): Promise<void>
  close(): Promise<void>
}

export interface EnrolledCount {
  /** Live persons. */
  readonly persons: number
  /** Live groups. */
  readonly groups: number
  /** `ready` ones. */
  readonly images: number
  /** Bytes of the pictures of those images. */
  readonly pictureBytes: number
}
