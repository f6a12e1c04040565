import { checksOf, type QualityProfile, rangeOf } from '@semblance/core'
import type { DetectPayload } from '@semblance/jobs'
import { cropOf, PORTRAIT } from '../fields/output-image-params.ts'
import { ATTRIBUTE_NAMES, type AttributeName, type DetectInput } from './detect-request.ts'

/** What a request comes to, its scenario worked in. */
export interface DetectPlan {
  readonly onlyCentralFace: boolean
  readonly crop: DetectPayload['crop']
  readonly quality: DetectPayload['quality']
  /** The attributes that were asked for; null: none. */
  readonly attributes: readonly AttributeName[] | null
}

/** What a scenario decides; the rest is the request's. */
interface Scenario {
  readonly onlyCentralFace?: boolean
  readonly crop?: 'none' | 'default' | 'thumbnail'
  /** Null: no report. */
  readonly quality?: QualityProfile | null
  readonly attributes?: 'all' | 'none'
}

const PLAIN = { quality: null, attributes: 'none' } as const

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  OldMode: { ...PLAIN, crop: 'none' },
  QualityFull: { quality: 'recommended', attributes: 'none' },
  QualityICAO: { quality: 'icao', attributes: 'none' },
  QualityVisaSchengen: { quality: 'visa-schengen', attributes: 'none' },
  QualityVisaUSA: { quality: 'visa-usa', attributes: 'none' },
  CropCentralFace: { ...PLAIN, onlyCentralFace: true, crop: 'default' },
  CropAllFaces: { ...PLAIN, onlyCentralFace: false, crop: 'default' },
  Thumbnail: { ...PLAIN, onlyCentralFace: true, crop: 'thumbnail' },
  AttributesAll: { quality: null, attributes: 'all' },
}

export function planDetection(input: DetectInput): DetectPlan {
  const { processParam } = input
  const name = processParam?.scenario ?? ''
  const scenario: Scenario = Object.hasOwn(SCENARIOS, name) ? (SCENARIOS[name] ?? {}) : {}
  const asked = processParam?.onlyCentralFace ?? input.onlyCentralFace ?? true
  return {
    onlyCentralFace: scenario.onlyCentralFace ?? asked,
    crop: planCrop(scenario, input),
    quality: planQuality(scenario, input),
    attributes: planAttributes(scenario, input),
  }
}

function planCrop({ crop }: Scenario, input: DetectInput): DetectPlan['crop'] {
  if (crop === 'none') return null
  if (crop === 'thumbnail') return PORTRAIT
  const asked = cropOf(input.processParam?.outputImageParams)
  const isWanted = crop === 'default' || input.thumbnails === true
  return asked ?? (isWanted ? PORTRAIT : null)
}

function planQuality({ quality: profile }: Scenario, input: DetectInput): DetectPlan['quality'] {
  if (profile !== undefined) return profile === null ? null : allOf(profile)
  const quality = input.processParam?.quality
  if (quality == null) return null
  const config = quality.config ?? []
  if (config.length === 0) return allOf('recommended')
  return config.map(({ name, range }) => ({ name, range: range ?? mutable(rangeOf(name, 'recommended')) }))
}

function allOf(profile: QualityProfile): DetectPlan['quality'] {
  return checksOf(profile).map(({ name, range }) => ({ name, range: mutable(range) }))
}

function mutable(range: readonly [number, number] | null): [number, number] | null {
  return range === null ? null : [...range]
}

function planAttributes({ attributes: decided }: Scenario, input: DetectInput): DetectPlan['attributes'] {
  if (decided !== undefined) return decided === 'all' ? ATTRIBUTE_NAMES : null
  const asked = input.processParam?.attributes
  if (asked == null) return input.attributes === true ? ATTRIBUTE_NAMES : null
  const names = (asked.config ?? []).map(({ name }) => name)
  return names.length === 0 ? ATTRIBUTE_NAMES : [...new Set(names)]
}
