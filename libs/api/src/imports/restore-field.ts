import type { GroupId, ImageId, PackId, RowRestore } from '@semblance/core'
import { z } from 'zod'
import { idField } from '../fields/id-field.ts'
import { parseTime } from '../fields/parse-time.ts'
import { textField } from '../fields/text-field.ts'

/** Characters of Base64: 16,384 dimensions, which no pack has. */
const MAX_DESCRIPTOR_LENGTH = 90_000
const MAX_PACK_LENGTH = 128

const time = z.string().transform((text, context) => {
  const ms = parseTime(text)
  if (ms !== null) return ms
  context.issues.push({ code: 'custom', message: 'must be an ISO-8601 date and time', input: undefined })
  return z.NEVER
})

const group = z.object({ id: idField<GroupId>('Group id.'), createdAt: time })
const person = z.object({
  externalId: textField({ minLength: 1 }).nullable().default(null),
  createdAt: time,
  updatedAt: time,
})
const image = z
  .object({
    id: idField<ImageId>('Image id.'),
    createdAt: time,
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'must be a SHA-256 in lower-case hex'),
    pack: z.string().max(MAX_PACK_LENGTH).optional(),
    descriptor: z.string().max(MAX_DESCRIPTOR_LENGTH).optional(),
    quality: z.number().min(0).max(100).nullable().optional(),
    damage: z.number().min(0).max(1).nullable().optional(),
  })
  .transform(({ pack, descriptor, quality, damage, ...fields }) => ({
    ...fields,
    descriptor:
      pack === undefined || descriptor === undefined
        ? null
        : {
            packId: pack as PackId,
            text: descriptor,
            // A row of an export that has none is told from other rows by a digest without them.
            ...(quality === undefined ? {} : { quality }),
            ...(damage === undefined ? {} : { damage }),
          },
  }))

/** What an export says of the records that a row brings back. Its numbers and texts are anybody's. */
export const restoreField = z
  .object({ group: group.optional(), person: person.optional(), image: image.optional() })
  .transform(
    ({ group, person, image }): RowRestore => ({
      ...(group === undefined ? {} : { group }),
      ...(person === undefined ? {} : { person }),
      ...(image === undefined ? {} : { image }),
    }),
  )
