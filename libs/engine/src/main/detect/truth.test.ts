import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Box } from '@semblance/core'
import { findSharedData } from '@semblance/testkit'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { centreOf, iou } from '../../geometry/boxes.ts'
import { openPack } from '../../packs/open-pack.ts'
import { missingTarball } from '../../testing/tarball-networks.ts'
import type { OnnxFaceEngine } from '../onnx-face-engine.ts'
import { openOnnxFaceEngine } from '../open-onnx-face-engine.ts'

const shared = findSharedData()
const photos = join(shared ?? '', 'photos')
if (shared === null) process.emitWarning('skipped: which faces are found in photos, because there are none')

/** A found box is the face of a true one if they overlap so much. */
const SAME_IOU = 0.35

interface TrueBox {
  readonly kind: string
  readonly box: Box
}

/** Boxes judged by eye, by picture; one of the kind `none` says that there is no face. */
function readTruth(): Map<string, TrueBox[]> {
  const rows = readFileSync(join(photos, 'truth.tsv'), 'utf8').trim().split('\n').slice(1)
  const truth = new Map<string, TrueBox[]>()
  for (const row of rows) {
    const [path = '', kind = '', ...sides] = row.split('\t')
    const [x = 0, y = 0, width = 0, height = 0] = sides.map(Number)
    truth.set(path, [...(truth.get(path) ?? []), { kind, box: { x, y, width, height } }])
  }
  return truth
}

interface Count {
  true: number
  hit: number
  wrong: number
}

/** Each true face counts for one found box at most; what is found on a face that is to be ignored counts for nothing. */
function compare(found: readonly Box[], truth: readonly TrueBox[]): Count {
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

function touches(one: Box, other: Box): boolean {
  return holds(one, other) || holds(other, one)
}

function holds({ x, y, width, height }: Box, other: Box): boolean {
  const centre = centreOf(other)
  return centre.x > x && centre.x < x + width && centre.y > y && centre.y < y + height
}

describe.skipIf(shared === null)('the faces of 43 photos', () => {
  const counts: Count[] = []
  let engine: OnnxFaceEngine | null = null
  let missing: string | null = null

  beforeAll(async () => {
    missing = await missingTarball('builtin@2')
    if (missing !== null) return
    const root = join(import.meta.dirname, '../../../../..')
    const folders = { packsFolder: join(root, 'models'), modelsFolder: join(root, 'models/.cache') }
    const pack = await openPack({ ...folders, packId: 'builtin@2' })
    const limits = { maxPixels: 50_000_000, maxFaces: 200 }
    engine = await openOnnxFaceEngine({ pack, threads: 2, limits, observe: () => {} })
    const request = {
      faces: 'all',
      crop: null,
      measurePixels: false,
      needsFaceCount: false,
      attributes: [],
    } as const
    for (const [path, truth] of readTruth()) {
      const report = await engine.examineFaces(readFileSync(join(photos, path)), request, { lane: 'bulk' })
      counts.push(compare(report.outcome === 'faces' ? report.faces.map(({ box }) => box) : [], truth))
    }
  }, 120_000)

  afterAll(() => engine?.close())

  const sum = (part: readonly Count[], key: keyof Count): number =>
    part.reduce((all, one) => all + one[key], 0)
  const recall = (part: readonly Count[]): number => sum(part, 'hit') / sum(part, 'true')

  it('are found: all of up to nine in a picture, and most of a crowd', (context) => {
    if (missing !== null) context.skip(missing)
    expect(recall(counts.filter((count) => count.true <= 9))).toBe(1)
    expect(recall(counts.filter((count) => count.true >= 10))).toBeGreaterThanOrEqual(0.91)
  })

  it('are faces: at most one in a hundred is none', (context) => {
    if (missing !== null) context.skip(missing)
    const hit = sum(counts, 'hit')
    expect(hit / (hit + sum(counts, 'wrong'))).toBeGreaterThanOrEqual(0.99)
  })
})
