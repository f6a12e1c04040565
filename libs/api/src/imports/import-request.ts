import type { GateLevel, GroupId, ImportPolicies } from '@semblance/core'
import { z } from 'zod'
import type { ApiConfig } from '../api-deps.ts'
import { gateField, gateOf } from '../fields/gate-field.ts'
import { idField } from '../fields/id-field.ts'
import { resizeOptions } from '../fields/image-field.ts'
import { textField } from '../fields/text-field.ts'

/** The limits are ours. */
const MAX_GROUPS = 100
const MAX_KEYS = 1000

/** Unknown fields are refused: of a misspelled `dryRun` everything would be written. */
export const importToCreate = z
  .strictObject({
    name: textField({ minLength: 1 }).meta({ description: 'What you call it.', example: 'Staff 2026' }),
    groups: z
      .array(idField<GroupId>('Group id.'))
      .max(MAX_GROUPS)
      .nullish()
      .meta({ description: 'Groups that every person who is made joins.' }),
    faces: z
      .enum(['one', 'central', 'largest'])
      .default('central')
      .meta({ description: 'Which face is taken; one: a picture of several faces is refused.' }),
    quality: gateField.optional().meta({
      description:
        "What a face must comply with to be enrolled; left out: what the server asks for, and nothing of an export's descriptors.",
    }),
    samePicture: z
      .enum(['skip', 'enroll'])
      .default('skip')
      .meta({ description: 'What is done with a picture that the person has already.' }),
    samePerson: z
      .enum(['off', 'report', 'refuse'])
      .default('off')
      .meta({ description: "What is done with a face that is within the threshold of another person's." }),
    onConflict: z.enum(['keep', 'update']).default('keep').meta({
      description: 'Which fields count of a person who is there already: theirs, or those of the row.',
    }),
    resizeOptions,
    trustDescriptors: z.boolean().default(false).meta({
      description:
        'Takes descriptors of an export over, if they are of the same model pack, so that pictures are enrolled without being looked at. For exports of your own only: nobody can tell whose face a made-up descriptor finds.',
    }),
    dryRun: z.boolean().default(false).meta({ description: 'Does everything but write.' }),
  })
  .superRefine(({ trustDescriptors, faces, quality, resizeOptions: resize }, context) => {
    if (!trustDescriptors) return
    const path = ['trustDescriptors']
    const message =
      'must be left out with faces, quality or resizeOptions, for which pictures must be looked at'
    if (faces !== 'central' || !isOff(quality) || resize) context.addIssue({ code: 'custom', path, message })
  })
  .meta({ id: 'ImportFields' })

export type ImportInput = z.output<typeof importToCreate>

export const keysToLookUp = z
  .strictObject({ keys: z.array(z.string()).max(MAX_KEYS).meta({ description: 'Keys of rows.' }) })
  .meta({ id: 'RowKeys' })

export const rowsToRetry = z
  .strictObject({
    all: z.boolean().default(false).meta({
      description:
        'True: all that failed, and those whose link was refused; false: those that failed for a passing reason.',
    }),
  })
  .prefault({})
  .meta({ id: 'RowsToRetry' })

/** All but the id of an import; the server's own gate counts where the request names none. */
export function draftOf(input: ImportInput, config: Pick<ApiConfig, 'enrollmentQuality'>) {
  const { name, groups } = input
  return { name, groups: groups ?? [], policies: policiesOf(input, config.enrollmentQuality) }
}

function policiesOf(input: ImportInput, usual: GateLevel): ImportPolicies {
  const { faces, quality, samePicture, samePerson, onConflict, trustDescriptors, dryRun } = input
  const { resizeOptions: resize } = input
  return {
    faces,
    quality: gateOf(quality, trustDescriptors ? 'off' : usual),
    samePicture,
    samePerson,
    onConflict,
    trustDescriptors,
    resize: resize
      ? { width: resize.width ?? null, height: resize.height ?? null, quality: resize.quality ?? 100 }
      : null,
    dryRun,
  }
}

function isOff(quality: z.output<typeof gateField> | undefined): boolean {
  return quality === undefined || quality === 'off'
}
