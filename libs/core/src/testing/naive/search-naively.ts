import { cosineBetween, type Descriptor, roundCosine } from '../../descriptor.ts'
import type { PersonId } from '../../ids.ts'
import type {
  CandidatePerson,
  GalleryFilter,
  IndexEntry,
  IndexPayload,
  IndexQuery,
} from '../../ports/descriptor-index.ts'

/** The answer that every DescriptorIndex has to give, found by looking at everything in the plainest way. */
export function searchNaively(
  gallery: Iterable<IndexEntry>,
  probe: Descriptor,
  query: IndexQuery,
): CandidatePerson[] {
  const byPerson = new Map<PersonId, CandidatePerson['images'][number][]>()
  for (const { imageId, descriptor, payload } of gallery) {
    const cosine = cosineBetween(probe, descriptor)
    const { personId } = payload
    if (cosine < roundCosine(query.minCosine) || query.exclude.includes(personId)) continue
    if (!passes(payload, query.filter)) continue
    byPerson.set(personId, [...(byPerson.get(personId) ?? []), { personId, imageId, cosine }])
  }
  const persons = [...byPerson].map(([personId, images]) => {
    images.sort((a, b) => b.cosine - a.cosine || compareText(a.imageId, b.imageId))
    return { personId, images: images.slice(0, query.imagesPerPerson) }
  })
  persons.sort((a, b) => b.images[0]!.cosine - a.images[0]!.cosine || compareText(a.personId, b.personId))
  return persons.slice(0, query.limit)
}

export function passes(payload: IndexPayload, { groups, field, persons = null }: GalleryFilter): boolean {
  if (persons !== null && !persons.includes(payload.personId)) return false
  if (groups !== null && !groups.some((group) => payload.groups.includes(group))) return false
  if (field === null) return true
  const value = payload[field.field]
  return (value !== null && field.values.includes(value)) === (field.op === 'in')
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
