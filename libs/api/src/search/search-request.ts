import type { ImageId, PersonId } from '@semblance/core'
import { z } from 'zod'
import { idField } from '../fields/id-field.ts'
import { imageField } from '../fields/image-field.ts'
import { outputImageParams } from '../fields/output-image-params.ts'
import { createPersonInSearch } from '../fields/person-fields.ts'
import { MAX_METADATA_FILTERS, metadataFiltersIn, tooManyValues } from '../fields/person-filter.ts'
import { labels } from '../fields/text-field.ts'
import { groupIdsField, searchScope, thresholdField, twoReaches } from './search-scope.ts'

/** The limit is ours; the contract names none. */
const MAX_FILTER_VALUES = 10_000

const filter = z
  .object({
    op: z.enum(['in', 'nin']),
    field: z.enum(['name', 'externalId']),
    value: z.array(z.string()).max(MAX_FILTER_VALUES),
  })
  .nullish()
  .meta({
    description:
      'Holds together with groupIds. For example `{"op": "in", "field": "name", "value": ["Ada"]}`; case counts.',
    example: { op: 'in', field: 'name', value: ['Ada Lovelace'] },
  })

const metadataFilter = z
  .record(z.string(), z.union([z.string(), z.array(z.string())]))
  .refine(
    (given) => metadataFiltersIn(given) !== null,
    'has a backslash that stands before neither a dot nor a backslash',
  )
  .refine((given) => (metadataFiltersIn(given)?.length ?? 0) <= MAX_METADATA_FILTERS, tooManyValues)
  .nullish()
  .meta({
    description:
      'Ours. Persons with these values in their metadata; holds together with groupIds and filter. Keys and values are those of `metadata.` in the list of persons: dots part keys, and of several values all must be there.',
    example: { department: 'reception' },
  })

export const searchRequest = z
  .object({
    image: imageField.nullish(),
    ...searchScope,
    detectAll: z.boolean().nullish().meta({ description: 'Every face instead of the most central one.' }),
    createPerson: createPersonInSearch.meta({
      description:
        'Made from this picture if nobody is found and it shows exactly one face; answered with 201. For example `{"name": "Ada"}`.',
    }),
    filter,
    metadataFilter,
    outputImageParams: outputImageParams.meta({
      description: 'Asks for the aligned face picture in persons[].detection.crop.',
    }),
    personId: idField<PersonId>('Ours, instead of image: search with all pictures of this person.').nullish(),
    imageId: idField<ImageId>('Ours, instead of image: search with this enrolled picture.').nullish(),
    includeSelf: z
      .boolean()
      .nullish()
      .meta({ description: 'Ours, with personId or imageId: the person itself may be answered, too.' }),
    group_ids: groupIdsField.meta({ description: 'Old clients; as groupIds, which wins.', deprecated: true }),
    max_distance: thresholdField.meta({
      description: 'Old clients; as threshold, which wins.',
      deprecated: true,
    }),
    ...labels,
  })
  .superRefine((input, context) => {
    const given = [input.image, input.personId, input.imageId].filter((probe) => probe != null).length
    const refuse = (field: string, message: string) =>
      context.addIssue({ code: 'custom', message, path: [field] })
    if (given === 0) refuse('image', 'is required, or else personId or imageId')
    if (given > 1) refuse('image', 'cannot be sent together with personId or imageId, nor these two together')
    const threshold = input.threshold ?? input.max_distance
    const twice = twoReaches({ threshold, targetFpir: input.targetFpir })
    if (twice !== null) refuse('targetFpir', twice)
    if (input.image == null && input.createPerson != null)
      refuse('createPerson', 'needs an image to make the person from')
  })
  .meta({ id: 'SearchRequest' })

export type SearchInput = z.output<typeof searchRequest>

const FLAGS: Readonly<Record<string, boolean>> = {
  true: true,
  '1': true,
  false: false,
  '0': false,
  '': false,
}

export const searchQuery = z.object({
  withImages: z
    .string()
    .refine((text) => Object.hasOwn(FLAGS, text.toLowerCase()), 'must be true or false')
    .transform((text) => FLAGS[text.toLowerCase()] ?? false)
    .default(false)
    .meta({
      description: 'Adds the pictures themselves, best first, up to 32 MB in one answer.',
      override: { type: 'boolean', default: false },
    }),
})
