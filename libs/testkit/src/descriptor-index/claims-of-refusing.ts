import type { Descriptor, DescriptorIndex, ImageId, PackId, PersonId } from '@semblance/core'
import { anIndexEntry, anIndexQuery, newTestId, SIGNS } from '@semblance/core/testing'
import { expect, it } from 'vitest'
import { isIn, PROBE, personsFound, shuffled } from './find-persons.ts'

export function claimsOfBooks(index: () => DescriptorIndex): void {
  it('counts images', async () => {
    const personId = newTestId<PersonId>()
    const entries = [1, 2, 3].map(() => anIndexEntry({ personId }))
    await index().upsert(entries)
    expect(await index().count()).toBe(3)
    await index().remove([entries[1]!.imageId])
    expect(await index().count()).toBe(2)
  })

  it('lists all image ids in pages by increasing id, whatever order they came in', async () => {
    const ids = Array.from({ length: 1300 }, () => newTestId<ImageId>())
    const arriving = shuffled(ids)
    await index().upsert(arriving.map((imageId) => anIndexEntry({ imageId })))
    await index().remove(ids.slice(100, 110))
    const left = ids.toSpliced(100, 10)
    expect(await index().listImageIds({ after: null, limit: 5000 })).toEqual(left)
    expect(await index().listImageIds({ after: null, limit: 3 })).toEqual(left.slice(0, 3))
    expect(await index().listImageIds({ after: left[2]!, limit: 1100 })).toEqual(left.slice(3, 1103))
    expect(await index().listImageIds({ after: ids[104]!, limit: 2 })).toEqual(left.slice(100, 102))
    expect(await index().listImageIds({ after: left.at(-1)!, limit: 3 })).toEqual([])
  })

  it('says that it is well', async () => {
    await expect(index().check()).resolves.toBeUndefined()
  })
}

export function claimsOfRefusing(index: () => DescriptorIndex): void {
  const bad: readonly (readonly [string, Descriptor])[] = [
    ['of another pack', { ...PROBE, packId: 'other@1' as PackId }],
    ['of another length', { ...PROBE, values: new Float32Array(SIGNS / 2).fill(1 / Math.sqrt(SIGNS / 2)) }],
    ['with a value that is no number', { ...PROBE, values: PROBE.values.with(3, Number.NaN) }],
  ]

  it.each(bad)('refuses a probe %s', async (_, descriptor) => {
    await index().upsert([anIndexEntry()])
    await expect(index().search(descriptor, anIndexQuery())).rejects.toThrow(TypeError)
    const probes = [PROBE, descriptor].map((one) => ({ descriptor: one, exclude: [] }))
    await expect(index().searchMany(probes, anIndexQuery())).rejects.toThrow(TypeError)
  })

  it.each(bad)('refuses a descriptor %s, and the batch it came in', async (_, descriptor) => {
    const batch = [anIndexEntry(), anIndexEntry({ descriptor })]
    await expect(index().upsert(batch)).rejects.toThrow(TypeError)
    expect(await index().count()).toBe(0)
  })

  it('rejects every call of a caller who has left with the reason, and writes nothing', async () => {
    const reason = new Error('the caller left')
    const waiting = { signal: AbortSignal.abort(reason) }
    const entry = anIndexEntry()
    await index().upsert([entry])
    const calls = [
      index().upsert([anIndexEntry()], waiting),
      index().updatePayload({ ...entry.payload, name: 'Eve', rev: 2 }, waiting),
      index().remove([entry.imageId], waiting),
      index().searchMany([{ descriptor: PROBE, exclude: [] }], anIndexQuery(), waiting),
      index().search(PROBE, anIndexQuery(), waiting),
      index().listImageIds({ after: null, limit: 1 }, waiting),
      index().count(waiting),
      index().check(waiting),
    ]
    for (const call of calls) await expect(call).rejects.toBe(reason)
    expect(await index().listImageIds({ after: null, limit: 9 })).toEqual([entry.imageId])
    expect(
      await personsFound(index(), { filter: { groups: null, field: isIn('name', 'Ada') } }),
    ).toHaveLength(1)
  })
}
