import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Box } from '@semblance/core'
import { centreOf, iou } from '../geometry/boxes.ts'

/** A found box is the face of a true one if they overlap so much. */
const SAME_IOU = 0.35

export interface TrueBox {
  readonly kind: string
  readonly box: Box
}

/** Boxes judged by eye, by picture; one of the kind `none` says that there is no face. */
export function readTruth(photos: string): Map<string, TrueBox[]> {
  const rows = readFileSync(join(photos, 'truth.tsv'), 'utf8').trim().split('\n').slice(1)
  const truth = new Map<string, TrueBox[]>()
  for (const row of rows) {
    const [path = '', kind = '', ...sides] = row.split('\t')
    const [x = 0, y = 0, width = 0, height = 0] = sides.map(Number)
    truth.set(path, [...(truth.get(path) ?? []), { kind, box: { x, y, width, height } }])
  }
  return truth
}

export interface FaceCount {
  readonly true: number
  readonly hit: number
  readonly wrong: number
}

/** Each true face counts for one found box at most; what is found on a face that is to be ignored counts for nothing. */
export function compareFaces(found: readonly Box[], truth: readonly TrueBox[]): FaceCount {
  const faces = truth.filter(({ kind }) => kind === 'face')
  const ignored = truth.filter(({ kind }) => kind === 'ignore')
  const left = new Set(found)
  let hit = 0
  for (const face of faces) {
    const best = [...left].toSorted((one, other) => iou(other, face.box) - iou(one, face.box))[0]
    if (best === undefined || iou(best, face.box) < SAME_IOU) continue
    left.delete(best)
    hit++
  }
  const wrong = [...left].filter((box) => !ignored.some((other) => touches(box, other.box)))
  return { true: faces.length, hit, wrong: wrong.length }
}

export function recallOf(counts: readonly FaceCount[]): number {
  const sum = (key: keyof FaceCount): number => counts.reduce((all, one) => all + one[key], 0)
  return sum('hit') / sum('true')
}

function touches(one: Box, other: Box): boolean {
  return holds(one, other) || holds(other, one)
}

function holds({ x, y, width, height }: Box, other: Box): boolean {
  const centre = centreOf(other)
  return centre.x > x && centre.x < x + width && centre.y > y && centre.y < y + height
}
