import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { cosineBetween, type Descriptor, type Face, type FaceReport, type Point } from '@semblance/core'
import { findSharedData, sizeOf } from '@semblance/testkit'
import sharp from 'sharp'
import { beforeAll, describe, expect, it } from 'vitest'
import { tarballEngine } from '../testing/tarball-engine.ts'
import { compareFaces, type FaceCount, readTruth, recallOf } from '../testing/true-faces.ts'
import { openOnnxFaceEngine } from './open-onnx-face-engine.ts'

const shared = findSharedData()
if (shared === null) process.emitWarning('skipped: faces of turned photos, because there are none')

/** The five points of a turned photo lie where they lie in the upright one, by the mean, as a share of the eyes' distance. */
const SAME_PLACE = 0.25

const light = tarballEngine('builtin-light', { isWanted: shared !== null, open: openOnnxFaceEngine })

function find(bytes: Uint8Array, faces: 'central' | 'all'): Promise<FaceReport> {
  return light.engine.findFaces(bytes, { faces, effort: 'cheap', crop: null }, { lane: 'bulk' })
}

async function central(bytes: Uint8Array): Promise<Face | null> {
  const report = await find(bytes, 'central')
  return report.outcome === 'faces' ? report.faces[0] : null
}

/** The first two photos of as many people, evenly drawn of those who have two. */
function peopleWithTwo(count: number): (readonly [first: string, second: string])[] {
  const images = join(shared ?? '', 'lfw-dev/images')
  const folders = readdirSync(images).toSorted()
  const all = folders.flatMap((person) => {
    const [first, second] = readdirSync(join(images, person)).toSorted()
    const at = (photo: string) => join(images, person, photo)
    return first === undefined || second === undefined ? [] : [[at(first), at(second)] as const]
  })
  return Array.from({ length: count }, (_, i) => all[Math.floor((i * all.length) / count)]!)
}

/** Where a point of the picture lies after the picture was turned clockwise about its middle. */
function turnPoint({ x, y }: Point, { from, to, degrees }: Turn): Point {
  const turn = (degrees * Math.PI) / 180
  const [dx, dy] = [x - from.width / 2, y - from.height / 2]
  return {
    x: to.width / 2 + dx * Math.cos(turn) - dy * Math.sin(turn),
    y: to.height / 2 + dx * Math.sin(turn) + dy * Math.cos(turn),
  }
}

interface Size {
  readonly width: number
  readonly height: number
}

interface Turn {
  readonly from: Size
  readonly to: Size
  /** Clockwise. */
  readonly degrees: number
}

function isInPlace(face: Face, upright: Face, turn: Turn): boolean {
  const wanted = upright.landmarks.map((point) => turnPoint(point, turn))
  const off = face.landmarks.map((at, i) => Math.hypot(at.x - wanted[i]!.x, at.y - wanted[i]!.y))
  const [left, right] = upright.landmarks
  const eyes = Math.hypot(right.x - left.x, right.y - left.y)
  const rotation = face.rotationAngle - upright.rotationAngle - turn.degrees
  const isTrue = Math.abs(((((rotation + 180) % 360) + 360) % 360) - 180) < 10
  return isTrue && off.reduce((sum, one) => sum + one, 0) / off.length < SAME_PLACE * eyes
}

function nearest(descriptor: Descriptor, gallery: readonly Descriptor[]): number {
  const cosines = gallery.map((one) => cosineBetween(one, descriptor))
  return cosines.indexOf(Math.max(...cosines))
}

describe.skipIf(shared === null)('a portrait', () => {
  const people = shared === null ? [] : peopleWithTwo(sizeOf({ ci: 24, slow: 300 }))
  const gallery: Descriptor[] = []
  const probes: { readonly bytes: Buffer; readonly upright: Face; readonly rank1: number }[] = []

  beforeAll(async () => {
    if (light.missing !== null) return
    for (const [first] of people) gallery.push((await central(readFileSync(first)))!.descriptor)
    for (const [, second] of people) {
      const bytes = readFileSync(second)
      const upright = (await central(bytes))!
      probes.push({ bytes, upright, rank1: nearest(upright.descriptor, gallery) })
    }
  }, 600_000)

  it.for([
    [90, 0.99],
    [180, 0.99],
    [270, 0.99],
    [30, 0.96],
    [-30, 0.96],
    [45, 0.96],
    [-45, 0.96],
  ] as const)(
    'turned by %i degrees is found, and described as upright: %d of them',
    { timeout: 600_000 },
    async ([degrees, share], context) => {
      light.require(context)
      let right = 0
      for (const { bytes, upright, rank1 } of probes) {
        const { data, info } = await sharp(bytes).rotate(degrees).png().toBuffer({ resolveWithObject: true })
        const face = await central(data)
        if (face === null) continue
        const from = await sharp(bytes).metadata()
        if (!isInPlace(face, upright, { from, to: info, degrees })) continue
        if (nearest(face.descriptor, gallery) === rank1) right++
      }
      // A few dozen people are too few for a share: two of them may be missed.
      expect(right).toBeGreaterThanOrEqual(Math.min(share * probes.length, probes.length - 2))
    },
  )
})

describe.skipIf(shared === null)('groups', () => {
  it.for(sizeOf({ ci: [90], slow: [90, 180, 270] }))(
    'turned by %i degrees are found as upright, and where they are in the picture as sent',
    { timeout: 600_000 },
    async (degrees, context) => {
      light.require(context)
      const photos = join(shared ?? '', 'photos')
      const groups = [...readTruth(photos)].filter(
        ([, truth]) => truth.filter(({ kind }) => kind === 'face').length > 1,
      )
      const chosen = groups.filter((_, index) => index % sizeOf({ ci: 4, slow: 1 }) === 0)
      const upright: FaceCount[] = []
      const turned: FaceCount[] = []
      for (const [path, truth] of chosen) {
        const bytes = readFileSync(join(photos, path))
        upright.push(compareFaces(await boxesOf(bytes), truth))
        const from = await sharp(bytes).metadata()
        const { data, info } = await sharp(bytes).rotate(degrees).png().toBuffer({ resolveWithObject: true })
        const moved = truth.map(({ kind, box }) => {
          const corners = [
            { x: box.x, y: box.y },
            { x: box.x + box.width, y: box.y + box.height },
          ].map((point) => turnPoint(point, { from, to: info, degrees }))
          const [xs, ys] = [corners.map(({ x }) => x), corners.map(({ y }) => y)]
          const [x, y] = [Math.min(...xs), Math.min(...ys)]
          return { kind, box: { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y } }
        })
        turned.push(compareFaces(await boxesOf(data), moved))
      }
      expect(recallOf(upright)).toBeGreaterThan(0.9)
      expect(recallOf(turned)).toBeGreaterThanOrEqual(recallOf(upright) - 0.01)
    },
  )
})

async function boxesOf(bytes: Uint8Array) {
  const request = {
    faces: 'all',
    crop: null,
    measurePixels: false,
    needsFaceCount: false,
    attributes: [],
  } as const
  const report = await light.engine.examineFaces(bytes, request, { lane: 'bulk' })
  return report.outcome === 'faces' ? report.faces.map(({ box }) => box) : []
}
