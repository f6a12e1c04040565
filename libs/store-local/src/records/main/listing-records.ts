import {
  type Group,
  type GroupId,
  type GroupRecords,
  isVisible,
  type Person,
  type PersonId,
  type PersonRecords,
  readPage,
} from '@semblance/core'
import type { StoredGroups, StoredPersons } from '../store-calls.ts'

/** Persons whose lists are read in portions, each a call of its own to the thread. */
export function listingPersons({ findPage, ...persons }: StoredPersons): PersonRecords {
  return {
    ...persons,
    list: async (query, request, listing) => {
      const found = await findPage(query, request, listing)
      const isShown = (person: Person) => isVisible(person, query.nowMs)
      const findMany = (ids: readonly PersonId[]) => persons.findMany(ids, listing)
      return readPage(found, { request, findMany, isShown }, listing)
    },
  }
}

/** Groups, listed as persons are. */
export function listingGroups({ findPage, ...groups }: StoredGroups): GroupRecords {
  return {
    ...groups,
    list: async (request, listing) => {
      const found = await findPage(request, listing)
      const isShown = ({ state }: Group) => state === 'live'
      const findMany = (ids: readonly GroupId[]) => groups.findMany(ids, listing)
      return readPage(found, { request, findMany, isShown }, listing)
    },
  }
}
