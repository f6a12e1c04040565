import type { Group } from '../groups/group.ts'
import type { Image } from '../images/image.ts'
import type { Person } from '../persons/person.ts'

/**
 * What makes a record unusable, in words that hold nothing of its contents; null if nothing does. A store asks this of
 * each record that it reads: one that was changed by hand, by a bad disk or by another program must not stop the rest.
 */
export type RecordFault = string | null

const LOWER_UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/
/** What may stand in an answer's Content-Type, wherever it comes from. */
const PICTURE_TYPE = /^image\/[\w.+-]+$/
/** The latest time that a date can hold. */
const LATEST_MS = 8_640_000_000_000_000

const PERSON_STATES: ReadonlySet<unknown> = new Set<Person['state']>([
  'pending',
  'live',
  'merging',
  'merged',
  'deleting',
  'gone',
])
const IMAGE_STATES: ReadonlySet<unknown> = new Set<Image['state']>([
  'pending',
  'ready',
  'deleting',
  'gone',
  'erased',
])
const GROUP_STATES: ReadonlySet<unknown> = new Set<Group['state']>(['live', 'deleting', 'gone'])

/** All but the metadata, which is long in some records and not needed everywhere: see `faultOfMetadata`. */
export function faultOfPerson(person: Person): RecordFault {
  const { id, name, externalId, groups, expireAt, createdAt, updatedAt, rev, state, dirty } = person
  if (!isId(id)) return 'its id is no UUID in lower case'
  if (!PERSON_STATES.has(state)) return 'its state is none that this version knows'
  if (typeof name !== 'string' || !(externalId === null || typeof externalId === 'string'))
    return 'its name or external id is no text'
  if (!Array.isArray(groups) || !groups.every((group) => typeof group === 'string'))
    return 'its groups are no list of ids'
  if (!isTime(createdAt) || !isTime(updatedAt) || !(expireAt === null || isTime(expireAt)))
    return 'one of its times is none'
  if (!Number.isSafeInteger(rev) || rev < 0) return 'its rev is no whole number from 0 on'
  if (typeof dirty !== 'boolean') return 'it does not say whether the index is behind'
  return isMergedSoundly(person) ? null : 'it does not say into whom it was merged'
}

function isMergedSoundly({ state, mergedInto }: Person): boolean {
  if (mergedInto == null) return state !== 'merging' && state !== 'merged'
  return isId(mergedInto)
}

export function faultOfImage(image: Image): RecordFault {
  const { id, personId, state, contentType, bytes, sha256, createdAt, quality, damage } = image
  if (!isId(id) || !isId(personId)) return "its id, or its person's, is no UUID in lower case"
  if (!IMAGE_STATES.has(state)) return 'its state is none that this version knows'
  if (typeof contentType !== 'string' || typeof sha256 !== 'string')
    return 'its content type or SHA-256 is no text'
  // A tombstone has lost it.
  const isBuried = state === 'gone' || state === 'erased'
  if (!PICTURE_TYPE.test(contentType) && !(isBuried && contentType === ''))
    return 'its content type is none of a picture'
  if (!Number.isSafeInteger(bytes) || bytes < 0) return 'its size is no whole number from 0 on'
  if (quality !== null && !(typeof quality === 'number' && quality >= 0 && quality <= 100))
    return 'its quality is no number from 0 to 100'
  if (damage != null && !(typeof damage === 'number' && damage >= 0 && damage <= 1))
    return 'its damage is no number from 0 to 1'
  return isTime(createdAt) ? null : 'its time is none'
}

export function faultOfGroup(group: Group): RecordFault {
  const { id, name, metadata, createdAt, state } = group
  if (!isId(id)) return 'its id is no UUID in lower case'
  if (!GROUP_STATES.has(state)) return 'its state is none that this version knows'
  if (typeof name !== 'string') return 'its name is no text'
  return isTime(createdAt) ? faultOfMetadata(metadata) : 'its time is none'
}

export function faultOfMetadata(text: unknown): RecordFault {
  if (text === '{}') return null
  try {
    const value: unknown = JSON.parse(text as string)
    if (typeof text === 'string' && typeof value === 'object' && value !== null && !Array.isArray(value))
      return null
  } catch {
    // Those are told below.
  }
  return 'its metadata is no JSON object'
}

function isId(id: unknown): boolean {
  return typeof id === 'string' && LOWER_UUID.test(id)
}

function isTime(ms: unknown): boolean {
  return Number.isSafeInteger(ms) && (ms as number) >= 0 && (ms as number) <= LATEST_MS
}
