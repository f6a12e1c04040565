import type { GroupId, ImageId, PersonId } from '@semblance/core'
import { z } from 'zod'
import { type Reply, refuse } from '../endpoint/reply.ts'
import { idField } from '../fields/id-field.ts'

export const personParams = z.object({ personId: idField<PersonId>('Person id.') })
export const groupParams = z.object({ groupId: idField<GroupId>('Group id.') })
export const imageParams = personParams.extend({ imageId: idField<ImageId>('Image id.') })

export function personNotFound(): Reply {
  return refuse('PersonNotFound', 'there is no such person')
}

/** A request that runs again is told what became of its first run; it does not undo a deletion. */
export function deletedSince(): Reply {
  return refuse('IdempotencyKeySpent', 'what this request made was deleted since, and is not made again')
}

export function imageNotFound(): Reply {
  return refuse('ImageNotFound', 'this person has no such image')
}

export function groupNotFound(): Reply {
  return refuse('GroupNotFound', 'there is no such group')
}

export function unknownGroups(field: string, groups: readonly GroupId[] | readonly string[]): Reply {
  const msg = `${field} names groups that do not exist: ${groups.slice(0, 10).join(', ')}`
  return refuse('BadParamsException', msg, { problems: [{ field, msg: 'names unknown groups' }] })
}
