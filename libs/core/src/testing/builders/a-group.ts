import type { Group } from '../../groups/group.ts'
import type { GroupId } from '../../ids.ts'
import { newTestId } from './new-test-id.ts'

/** Live. */
export function aGroup(given: Partial<Group> = {}): Group {
  return {
    id: newTestId<GroupId>(),
    name: 'Staff',
    metadata: '{}',
    createdAt: 1_700_000_000_000,
    state: 'live',
    ...given,
  }
}
