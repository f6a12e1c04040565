import type { ImageId, PackId } from '../../ids.ts'
import type { DescriptorNote, DescriptorRecords, PackQuery } from '../../ports/descriptor-records.ts'
import type { AtOnce } from './naive-record-store.ts'
import { judgedBy, type NaiveNote, type NaiveTables, ownerIn } from './naive-tables.ts'

export function descriptorsIn({ images, persons, notes }: NaiveTables): AtOnce<DescriptorRecords> {
  const noteOf = (packId: PackId, id: ImageId) => notes.get(packId)?.get(id)
  const valuesOf = (packId: PackId, id: ImageId) => {
    const own = images.get(id)?.descriptor
    if (own?.packId === packId) return own.values
    const noted = noteOf(packId, id)
    return noted?.why === undefined ? (noted?.values ?? null) : null
  }
  const readyAfter = ({ after }: Pick<PackQuery, 'after'>) =>
    images.select(({ id, state }) => state === 'ready' && id > (after ?? ''))
  const undescribed = (query: Pick<PackQuery, 'packId' | 'after'>) =>
    readyAfter(query).flatMap(({ id: imageId, personId }) => {
      const why = noteOf(query.packId, imageId)?.why
      return why === undefined ? [] : [{ imageId, personId, why }]
    })
  return {
    note: ({ imageId, packId, values, why, quality = null, damage = null }: DescriptorNote) => {
      const image = images.get(imageId)
      const state = image?.state
      if (image === undefined || (state !== 'pending' && state !== 'ready')) return false
      if (quality !== null && image.quality === null) images.rewrite({ ...image, quality, damage })
      const ofPack = notes.get(packId) ?? new Map<ImageId, NaiveNote>()
      const note = why === undefined ? { values: values.slice(), quality, damage } : { why }
      notes.set(packId, ofPack.set(imageId, note))
      return true
    },
    find: ({ imageId, packId }: Pick<DescriptorNote, 'imageId' | 'packId'>) => {
      const values = valuesOf(packId, imageId)
      return values === null ? null : { packId, values }
    },
    scan: ({ packId, after, limit }: PackQuery) =>
      readyAfter({ after })
        .flatMap((image) => {
          const [person, values] = [ownerIn(persons, image.personId), valuesOf(packId, image.id)]
          if (person?.state !== 'live' || values === null) return []
          const judged = judgedBy(noteOf(packId, image.id), image)
          return [{ image: { ...judged, descriptor: { packId, values } }, person }]
        })
        .slice(0, limit),
    listLacking: ({ packId, after, limit }: PackQuery) => {
      const ids = readyAfter({ after })
        .filter(({ id, descriptor }) => descriptor.packId !== packId && noteOf(packId, id) === undefined)
        .map(({ id }) => id)
        .slice(0, limit)
      return { ids, last: ids.length < limit ? null : (ids.at(-1) ?? null) }
    },
    listUndescribed: (query: PackQuery) => undescribed(query).slice(0, query.limit),
    countUndescribed: (packId: PackId) => undescribed({ packId, after: null }).length,
    sampleIds: ({ limit }: { readonly limit: number }) =>
      readyAfter({ after: null })
        .map(({ id }) => id)
        .slice(0, limit),
    keepOnly: ({ packId, limit }: { readonly packId: PackId; readonly limit: number }) => {
      let changed = 0
      for (const [pack, ofPack] of notes) {
        for (const [id, noted] of ofPack) {
          if (changed >= limit || (pack === packId && noted.why !== undefined)) continue
          const image = images.get(id)
          if (pack === packId && image !== undefined && noted.why === undefined)
            images.rewrite({ ...judgedBy(noted, image), descriptor: { packId, values: noted.values } })
          ofPack.delete(id)
          changed++
        }
      }
      return changed
    },
  }
}
