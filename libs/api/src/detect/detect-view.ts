import { QUALITY_GROUPS, QUALITY_NAMES, type QualityReport, type QualityStatus } from '@semblance/core'
import type { DetectedFaceResult } from '@semblance/jobs'
import { z } from 'zod'
import {
  faceQualityField,
  landmarksUncertainField,
  roiInPictureField,
  viewDetection,
} from '../search/search-view.ts'
import type { AttributeName } from './detect-request.ts'

const STATUS_NUMBERS = {
  noncompliant: 0,
  compliant: 1,
  undetermined: 2,
} as const satisfies Record<QualityStatus, number>

/** What an attribute says that nobody here can tell; the contract's own words are others. */
const UNDETERMINED = 'undetermined'

const groupId = z.int().min(1).max(QUALITY_GROUPS.length)

export const qualityView = z
  .object({
    score: z.number().meta({ description: 'Share of what could be judged that complies; -1: nothing.' }),
    nonCompliant: z.array(z.enum(QUALITY_NAMES)),
    detailsGroups: z.array(
      z.object({
        groupId,
        name: z.enum(QUALITY_GROUPS),
        totalCount: z.int(),
        compliantCount: z.int(),
      }),
    ),
    details: z.array(
      z.object({
        groupId,
        name: z.enum(QUALITY_NAMES),
        range: z.array(z.number()).optional().meta({ description: 'Lowest and highest that comply.' }),
        status: z.int().min(0).max(2).meta({ description: '0 does not comply, 1 does, 2 undetermined.' }),
        value: z.number().optional().meta({ description: 'Left out if it could not be measured.' }),
      }),
    ),
  })
  .meta({ id: 'DetectionQuality' })
type QualityView = z.infer<typeof qualityView>

const attributeView = z.object({
  name: z.string(),
  value: z
    .union([z.array(z.int()), z.string()])
    .meta({ description: 'Age: from and to, years, empty if undetermined; all others: a word.' }),
  confidence: z.number().optional(),
  expression: z.string().optional().meta({ description: 'Emotion only, ours: the likeliest of seven.' }),
})
type AttributeView = z.infer<typeof attributeView>

const detectedFaceView = z.object({
  landmarks: z.array(z.array(z.int())).meta({
    description: 'Eye, eye, nose, mouth corner, mouth corner; whole pixels.',
  }),
  roi: z.array(z.number()).meta({ description: 'x, y, width, height; may reach outside the picture.' }),
  roiInPicture: roiInPictureField,
  rotationAngle: z.number().meta({ description: 'Clockwise turn of the face, degrees.' }),
  landmarksUncertain: landmarksUncertainField,
  faceQuality: faceQualityField,
  crop: z.string().optional().meta({ description: 'Base64 of a JPEG, if asked for.' }),
  quality: qualityView.optional(),
  attributes: z.object({ details: z.array(attributeView) }).optional(),
})

export const detectResultView = z
  .object({
    code: z.int().meta({
      description: '0 found, 1 no picture, 2 no face, 6 not a picture, 203 the request is wrong.',
      example: 0,
    }),
    msg: z.string().optional().meta({ description: 'Ours: what is wrong, for people.' }),
    results: z
      .object({
        detections: z.array(detectedFaceView),
        scenario: z.string().optional().meta({ description: 'As sent.' }),
        elapsedTime: z.number().optional().meta({ description: 'In the worker, ms.' }),
      })
      .meta({ id: 'DetectResults' }),
  })
  .meta({ id: 'DetectResult' })
export type DetectResultView = z.infer<typeof detectResultView>

export function viewDetectedFace(
  { detection, quality, attributes }: DetectedFaceResult,
  names: readonly AttributeName[] | null,
): z.infer<typeof detectedFaceView> {
  return {
    ...viewDetection(detection),
    ...(quality === null ? {} : { quality: viewQuality(quality) }),
    ...(names === null
      ? {}
      : { attributes: { details: names.map((name) => viewAttribute(name, attributes)) } }),
  }
}

export function viewQuality({ score, nonCompliant, groups, details }: QualityReport): QualityView {
  return {
    score,
    nonCompliant: [...nonCompliant],
    detailsGroups: groups.map(({ group, total, compliant }) => ({
      groupId: groupNumber(group),
      name: group,
      totalCount: total,
      compliantCount: compliant,
    })),
    details: details.map(({ group, name, range, status, value }) => ({
      groupId: groupNumber(group),
      name,
      ...(range === null ? {} : { range: [...range] }),
      status: STATUS_NUMBERS[status],
      ...(value === null ? {} : { value }),
    })),
  }
}

function groupNumber(group: (typeof QUALITY_GROUPS)[number]): number {
  return QUALITY_GROUPS.indexOf(group) + 1
}

function viewAttribute(
  name: AttributeName,
  { age, emotion }: DetectedFaceResult['attributes'],
): AttributeView {
  if (name === 'Age') return { name, value: age === null ? [] : [age.from, age.to] }
  if (name !== 'Emotion' || emotion === null) return { name, value: UNDETERMINED, confidence: 0 }
  const { neutral, expression } = emotion
  const isNeutral = neutral >= 0.5
  const value = isNeutral ? 'neutral' : 'emotional'
  return { name, value, confidence: isNeutral ? neutral : 1 - neutral, expression }
}
