import type { GroupId } from '../ids.ts'

export type GroupState = 'live' | 'deleting' | 'gone'

export interface Group {
  readonly id: GroupId
  readonly name: string
  /** A JSON object as text. */
  readonly metadata: string
  readonly createdAt: number
  readonly state: GroupState
}
