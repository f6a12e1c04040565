import type { GroupId, PersonId } from '@semblance/core'
import { z } from 'zod'
import { gateField } from './gate-field.ts'
import { idField } from './id-field.ts'
import { metadataField } from './metadata-field.ts'
import { parseTime } from './parse-time.ts'
import { labels, textField } from './text-field.ts'

/** The limit is ours: a person in more groups than this is a mistake, and each is looked up. */
const MAX_GROUPS = 1000
/** The limit is ours: each is a write of its own. */
const MAX_MEMBERS = 10_000
/** A hundred years of seconds; keeps every expiry a valid date. */
const MAX_TTL_SECONDS = 3_155_760_000

const personName = textField({ minLength: 1 }).meta({
  description: 'Name of the person.',
  example: 'Ada Lovelace',
})
/** Forms and older clients send an empty one for none; stored as it stands, it would be an id that two persons share. */
const externalId = textField({ minLength: 0 })
  .nullish()
  .transform((text) => (text === '' ? null : text))
  .meta({ description: 'Id of the person in your own system; empty: none.', example: 'employee-1815' })
const groups = z
  .array(idField<GroupId>('Group id.'))
  .max(MAX_GROUPS)
  .nullish()
  .meta({ description: 'Groups of the person.' })

const ttlField = z.number().int().min(1).max(MAX_TTL_SECONDS).nullish()

const expireAt = z
  .string()
  .transform((text, context): number => {
    const time = parseTime(text)
    if (time !== null) return time
    context.issues.push({ code: 'custom', message: 'must be an ISO-8601 date and time', input: undefined })
    return z.NEVER
  })
  .nullish()
  .meta({
    description: 'When the person is to vanish; ISO-8601, UTC if it names no zone. Must be in the future.',
    example: '2030-01-01T00:00:00Z',
  })

export const personToCreate = z
  .object({
    name: personName,
    externalId,
    metadata: metadataField.nullish(),
    groups,
    expireAt,
    ttl: ttlField.meta({ description: 'Seconds to live; what older clients send instead of expireAt.' }),
  })
  .meta({ id: 'PersonFields' })

export const personToUpdate = z
  .object({
    name: personName.nullish(),
    externalId: externalId.meta({ description: 'Null or an empty one takes it away.' }),
    metadata: metadataField.nullish().meta({ description: 'Replaces the old metadata whole.' }),
    groups,
    expireAt: expireAt.meta({
      description: 'When the person is to vanish; null: never. Must be in the future.',
    }),
    ttl: ttlField.meta({ description: 'Seconds to live from now on, instead of expireAt; null: no end.' }),
  })
  .meta({ id: 'PersonToUpdateFields', description: 'Fields left out stay as they are.' })

const groupName = textField({ minLength: 1 }).meta({ description: 'Name of the group.', example: 'Visitors' })

export const groupToCreate = z
  .object({ name: groupName, metadata: metadataField, tag: labels.tag })
  .meta({ id: 'GroupToCreate' })

export const groupToUpdate = z
  .object({
    name: groupName.nullish(),
    metadata: metadataField.nullish().meta({ description: 'Replaces the old metadata whole.' }),
    tag: labels.tag,
  })
  .meta({ id: 'GroupToUpdate', description: 'Fields left out stay as they are.' })

const members = z.array(idField<PersonId>('Person id.')).max(MAX_MEMBERS).nullish()

export const membersToChange = z
  .object({
    addItems: members.meta({ description: 'Persons to add.' }),
    removeItems: members.meta({ description: 'Persons to take out; wins over addItems.' }),
  })
  .meta({ id: 'UpdateGroup' })

export const createPersonInSearch = z
  .object({
    name: personName,
    metadata: metadataField.nullish(),
    ttl: ttlField.meta({ description: 'Seconds to live.' }),
    quality: gateField.nullish().meta({
      description:
        'Ours: what the face must comply with, or nobody is made (code 231); left out: what the server asks for.',
      example: 'standard',
    }),
  })
  .nullish()
