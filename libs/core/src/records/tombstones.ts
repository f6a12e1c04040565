import type { Group } from '../groups/group.ts'
import type { Image, ImageState } from '../images/image.ts'
import type { Person } from '../persons/person.ts'

/**
 * What takes the place of everything that a deleted record said. Each store writes these values over the record with its
 * move to `gone`; only id, times and rev stay, and whose image it was.
 */
export const PERSON_TOMBSTONE = {
  name: '',
  externalId: null,
  metadata: '{}',
  groups: [],
  expireAt: null,
  dirty: false,
} as const satisfies Partial<Person>

/** An image loses its descriptor as well: a store keeps an empty one, in its own form. */
export const IMAGE_TOMBSTONE = {
  contentType: '',
  bytes: 0,
  sha256: '',
  quality: null,
  damage: null,
} as const satisfies Partial<Image>

export const GROUP_TOMBSTONE = { name: '', metadata: '{}' } as const satisfies Partial<Group>

export function isImageTombstone(state: ImageState): boolean {
  return state === 'gone' || state === 'erased'
}
