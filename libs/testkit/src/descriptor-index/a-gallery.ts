import type { Descriptor, FieldFilter, GroupId, IndexEntry, IndexQuery, PersonId } from '@semblance/core'
import { anIndexEntry, aSignDescriptor, newTestId, SIGNS } from '@semblance/core/testing'
import fc from 'fast-check'

const GROUPS = Array.from({ length: 4 }, () => newTestId<GroupId>())
const PERSONS = Array.from({ length: 12 }, () => newTestId<PersonId>())
const NAMES = ['Ada', 'ada', 'Eve', '']
const EXTERNAL_IDS = ['a-1', 'b-2', '']

/** Faces of a person differ from the person's own pattern in few places, so galleries are clusters with many ties. */
const flips = (most: number) =>
  fc.uniqueArray(fc.nat(SIGNS - 1), { maxLength: most }).map((places) => aSignDescriptor(places))

export const aGallery: fc.Arbitrary<IndexEntry[]> = fc.array(
  fc
    .record({
      descriptor: fc.oneof(flips(3), flips(SIGNS)),
      personId: fc.constantFrom(...PERSONS),
      groups: fc.subarray(GROUPS),
      name: fc.constantFrom(...NAMES),
      externalId: fc.option(fc.constantFrom(...EXTERNAL_IDS)),
      rev: fc.nat(3),
    })
    .map((given) => anIndexEntry(given)),
  { maxLength: 60 },
)

const aField: fc.Arbitrary<FieldFilter> = fc.record({
  field: fc.constantFrom('name' as const, 'externalId' as const),
  op: fc.constantFrom('in' as const, 'nin' as const),
  values: fc.subarray([...NAMES, ...EXTERNAL_IDS]),
})

export const aSearch: fc.Arbitrary<{ readonly probe: Descriptor; readonly query: IndexQuery }> = fc.record({
  probe: fc.oneof(flips(3), flips(SIGNS)),
  query: fc.record({
    filter: fc.record({ groups: fc.option(fc.subarray(GROUPS)), field: fc.option(aField) }),
    minCosine: fc.integer({ min: -32, max: 32 }).map((steps) => steps / 32),
    limit: fc.integer({ min: 1, max: 15 }),
    imagesPerPerson: fc.integer({ min: 1, max: 5 }),
    exclude: fc.subarray(PERSONS, { maxLength: 4 }),
  }),
})
