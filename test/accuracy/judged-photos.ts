import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  cosineOf,
  type Effort,
  type FaceEngine,
  type GateName,
  judgeGate,
  measureQuality,
  QUALITY_GATES,
} from '@semblance/core'
import { DEGRADATIONS } from './degradations.ts'
import type { LfwSet, Photo } from './lfw-set.ts'

/** A photo as an import would see it, and how near another photo of the same person comes to it. */
export interface JudgedPhoto {
  /** Which set it is of, or what was done to it. */
  readonly kind: string
  readonly values: ReturnType<typeof measureQuality> | null
  /** Of its person's next photo, as searched with; null if there is none, or no face in either. */
  readonly mate: number | null
  /** The first characteristic outside the limits; null: it is taken. */
  readonly standard: GateName | null
  readonly strict: GateName | null
}

type Refusals = Pick<JudgedPhoto, 'standard' | 'strict'>
const NO_REFUSALS: Refusals = { standard: null, strict: null }

export const NATURAL = 'a photo of LFW'
export const PICTURES = 'a picture of photos/'
/** As many pictures at a time as keep all threads busy while others are decoded. */
const AT_A_TIME = 4

export interface JudgingPlan {
  readonly set: LfwSet
  /** So many of the enrolled photos are made worse in every way that there is. */
  readonly degraded: number
  /** Pictures of any kind, central face each; null: none. */
  readonly pictures: string | null
}

/** Of the enrolled photos of the set: each as it is, and the first of them made worse. */
export async function judgePhotos(engine: FaceEngine, plan: JudgingPlan): Promise<readonly JudgedPhoto[]> {
  const mates = Map.groupBy(plan.set.mated, ({ person }) => person)
  const work: (() => Promise<JudgedPhoto[]>)[] = plan.set.enrolled.map(
    (photo, at) => () =>
      judgeAlbum(engine, { photo, mate: mates.get(photo.person)?.[0], isDegraded: at < plan.degraded }),
  )
  for (const path of await picturesBelow(plan.pictures))
    work.push(async () => {
      const { values, refusals } = await look(engine, await readFile(path), 'cheap')
      return [{ kind: PICTURES, values, mate: null, ...refusals }]
    })
  return inTurn(work)
}

async function judgeAlbum(
  engine: FaceEngine,
  album: { readonly photo: Photo; readonly mate: Photo | undefined; readonly isDegraded: boolean },
): Promise<JudgedPhoto[]> {
  const { photo, mate, isDegraded } = album
  const probe = mate === undefined ? null : await look(engine, await readFile(mate.path), 'cheap')
  const bytes = await readFile(photo.path)
  const rows: JudgedPhoto[] = []
  for (const [kind, change] of Object.entries(isDegraded ? DEGRADATIONS : {}).slice(1))
    rows.push(rowOf(kind, await look(engine, await change(bytes), 'rich'), probe))
  const whole = await look(engine, bytes, 'rich')
  rows.push(rowOf(NATURAL, whole, probe))
  if (isDegraded) rows.push(rowOf('as it is', whole, probe))
  return rows
}

interface Look {
  readonly values: ReturnType<typeof measureQuality> | null
  readonly refusals: Refusals
  readonly descriptor: Float32Array | null
}

/** Of the central face: what an import measures, and the descriptor. */
async function look(engine: FaceEngine, bytes: Uint8Array, effort: Effort): Promise<Look> {
  const request = { faces: 'central', effort, crop: null, examineFirst: true } as const
  const report = await engine.findFaces(bytes, request, { lane: 'bulk' })
  if (report.outcome !== 'faces') return { values: null, refusals: NO_REFUSALS, descriptor: null }
  const { faces, examined } = report
  const [{ quality }] = faces
  const refusalBy = (level: 'standard' | 'strict') =>
    examined === undefined
      ? null
      : (judgeGate(QUALITY_GATES[level], { examined, quality }).broken[0]?.characteristic ?? null)
  return {
    values: examined === undefined ? null : measureQuality(examined.picture, examined.face),
    refusals: { standard: refusalBy('standard'), strict: refusalBy('strict') },
    descriptor: faces[0].descriptor.values,
  }
}

function rowOf(kind: string, { values, refusals, descriptor }: Look, probe: Look | null): JudgedPhoto {
  const other = probe?.descriptor ?? null
  const mate = descriptor === null || other === null ? null : cosineOf(descriptor, other)
  return { kind, values, mate, ...refusals }
}

async function picturesBelow(folder: string | null): Promise<readonly string[]> {
  if (folder === null) return []
  const entries = await readdir(folder, { recursive: true })
  return entries.filter((name) => /\.(jpe?g|png|webp|bmp)$/i.test(name)).map((name) => join(folder, name))
}

async function inTurn<T>(work: readonly (() => Promise<readonly T[]>)[]): Promise<readonly T[]> {
  const rows: T[] = []
  const waiting = work.values()
  let done = 0
  const run = async () => {
    for (const judge of waiting) {
      rows.push(...(await judge()))
      if (++done % 50 === 0) console.error(`${done} of ${work.length} photos`)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, run))
  return rows
}
