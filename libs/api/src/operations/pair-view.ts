import { PAIR_DECISIONS, type PairedPerson, type PairPlace, type ShownPair } from '@semblance/core'
import { z } from 'zod'
import { viewImage } from '../persons/person-view.ts'

const id = z.string().meta({ format: 'uuid' })

const pairedPerson = z.object({
  personId: id,
  name: z.string(),
  externalId: z.string().optional(),
  createdAt: z.string().meta({ format: 'date-time' }),
  imageId: id.meta({ description: 'The picture in which this person is nearest to the other.' }),
  path: z.string().meta({ description: 'Where that picture is, below `/api`.' }),
  url: z.string().optional(),
})

export const pairView = z
  .object({
    distance: z.number().meta({ description: 'Of the two pictures, 0..2.' }),
    persons: z.array(pairedPerson).meta({ description: 'Two, the one with the smaller id first.' }),
    decision: z
      .enum(PAIR_DECISIONS)
      .optional()
      .meta({ description: 'keep: they are two persons. later: to be looked at again. None yet: left out.' }),
  })
  .meta({ id: 'DuplicatePair' })

export const pairPage = z
  .object({ items: z.array(pairView), nextCursor: z.string().optional() })
  .meta({ id: 'DuplicatePairPage' })

export function viewPair({ pair, persons }: ShownPair, baseUrl: string | null): z.infer<typeof pairView> {
  const { distance, decision } = pair
  return {
    distance,
    persons: persons.map((person) => viewPaired(person, baseUrl)),
    ...(decision === null ? {} : { decision }),
  }
}

function viewPaired(
  { id: personId, name, externalId, createdAt, image }: PairedPerson,
  baseUrl: string | null,
) {
  const { path, url } = viewImage(image, baseUrl)
  return {
    personId,
    name,
    ...(externalId === null ? {} : { externalId }),
    createdAt: new Date(createdAt).toISOString(),
    imageId: image.id,
    path,
    ...(url === undefined ? {} : { url }),
  }
}

/** Distance and both ids: where the next page goes on, whatever was deleted meanwhile. */
export function cursorOf({ distance, personId, otherId }: PairPlace): string {
  return [distance, personId, otherId].join('_')
}

const CURSOR = /^([\d.e-]{1,24})_([\da-f-]{36})_([\da-f-]{36})$/

/** Null if the text is no cursor. */
export function placeOfCursor(cursor: string): PairPlace | null {
  const [, distance, personId, otherId] = CURSOR.exec(cursor) ?? []
  if (distance === undefined || Number.isNaN(Number(distance))) return null
  return { distance: Number(distance), personId, otherId } as PairPlace
}
