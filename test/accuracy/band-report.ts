import type { PairShift, QualityModel, QualityShift } from '@semblance/core'
import type { SeenPhoto } from './damaged-photos.ts'
import {
  type BandFigures,
  countMates,
  countStrangers,
  learnDamageShift,
  learnShift,
  type RatedFace,
  rateFaces,
} from './quality-bands.ts'
import { judgeGates } from './quality-gates.ts'
import { wilson } from './target-check.ts'

/** What `npm run evaluate -- FOLDER --bands FILE` prints: `qualityShift` for pack.json, and what distance 1 is worth by that. */
export function bandReport(
  photos: readonly SeenPhoto[],
  { model, operatingPoint }: { readonly model: QualityModel; readonly operatingPoint: number },
): string {
  const faces = rateFaces(photos, model)
  const people = [...new Set(faces.map(({ person }) => person))].toSorted()
  const half = new Set(people.filter((_, at) => at % 2 === 0))
  const isOf = (wanted: boolean) => (face: RatedFace) => half.has(face.person) === wanted
  const shift = learnBoth(faces.filter(isOf(true)), operatingPoint)
  const judged = { operatingPoint, shift }
  const others = faces.filter(isOf(false))
  const { bands, kinds } = countStrangers(others, judged)
  return [
    'Learnt on everybody, for pack.json:',
    packOf(learnBoth(faces, operatingPoint)),
    '',
    `Learnt on ${faces.length - others.length} photos of one half of the people; of ${others.length} photos of the others:`,
    `What was learnt: ${packOf(shift)}`,
    'Strangers within distance 1, by the quality of the better face:',
    table(bands, 'per 100,000'),
    '',
    'Strangers within distance 1, both with the same damage:',
    table(kinds, 'per 100,000'),
    '',
    'The same person within distance 1 (a good photo is enrolled):',
    table(countMates(others, judged), '%'),
    '',
    'What gates refuse by faceQuality, of everybody:',
    ...judgeGates(faces, operatingPoint).map((gate) => JSON.stringify(gate)),
  ].join('\n')
}

/** What `npm run evaluate -- FOLDER --others FILE` prints: what distance 1 is worth among people whom nobody learnt from. */
export function othersReport(
  photos: readonly SeenPhoto[],
  {
    model,
    ...judged
  }: { readonly model: QualityModel; readonly operatingPoint: number; readonly shift: PairShift },
): string {
  const faces = rateFaces(photos, model)
  const people = new Set(faces.map(({ person }) => person)).size
  const { bands, kinds } = countStrangers(faces, judged)
  return [
    `${faces.length} photos of ${people} people, with the shifts of pack.json.`,
    'Strangers within distance 1, by the quality of the better face:',
    table(bands, 'per 100,000'),
    '',
    'Strangers within distance 1, both with the same damage:',
    table(kinds, 'per 100,000'),
  ].join('\n')
}

/** As `pack.json` has it. */
export function shiftOfPoints(points: readonly (readonly [number, number])[]): QualityShift {
  return points.map(([quality, shift]) => ({ quality, shift })) as unknown as QualityShift
}

interface Learnt {
  readonly qualityShift: QualityShift
  readonly damageShift: number
}

function learnBoth(faces: readonly RatedFace[], operatingPoint: number): Learnt {
  const qualityShift = learnShift(faces, operatingPoint)
  return { qualityShift, damageShift: learnDamageShift(faces, { operatingPoint, qualityShift }) }
}

function packOf({ qualityShift, damageShift }: Learnt): string {
  return JSON.stringify({
    qualityShift: { points: pointsOf(qualityShift) },
    damageShift: { shift: damageShift },
  })
}

function pointsOf(shift: QualityShift): readonly (readonly [number, number])[] {
  return shift.map(({ quality, shift: more }) => [quality, more])
}

function table(rows: readonly BandFigures[], unit: 'per 100,000' | '%'): string {
  const of = unit === '%' ? 100 : 100_000
  const rate = (share: number) => (share * of).toPrecision(3)
  const head = ['faces', 'pairs', 'without the shift', unit, 'with it', unit, '95 % interval']
  const lines = rows.map(({ name, pairs, before, after }) => [
    name,
    String(pairs),
    String(before),
    rate(before / pairs),
    String(after),
    rate(after / pairs),
    wilson(after, pairs).map(rate).join(' to '),
  ])
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
