import { readFile } from 'node:fs/promises'
import type { Effort, FaceEngine } from '@semblance/core'
import type { LfwSet, Photo } from './lfw-set.ts'

/** Descriptors by photo path; null where no face was found. */
export interface PhotoDescriptors {
  /** Of every photo, as made for a search. */
  readonly cheap: ReadonlyMap<string, Float32Array | null>
  /** Of every photo, as made at enrollment. */
  readonly rich: ReadonlyMap<string, Float32Array | null>
}

/** As many pictures at a time as keep all threads busy while others are decoded. */
const AT_A_TIME = 6

export interface DescribingPlan {
  readonly set: LfwSet
  /** The pack looks at a face alike for an enrollment and for a search: then each photo is described once. */
  readonly isAlike: boolean
  readonly onProgress: (done: number, total: number) => void
}

/** Every photo through the real engine, its central face. */
export async function describePhotos(
  engine: FaceEngine,
  { set, isAlike, onProgress }: DescribingPlan,
): Promise<PhotoDescriptors> {
  const cheap = new Map<string, Float32Array | null>()
  const rich = isAlike ? cheap : new Map<string, Float32Array | null>()
  const work = [...set.enrolled, ...set.mated, ...set.nonMated].flatMap((photo) => [
    ...(isAlike ? [] : [{ photo, effort: 'rich' as const, into: rich }]),
    { photo, effort: 'cheap' as const, into: cheap },
  ])
  const waiting = work.values()
  let done = 0
  const runAll = async (): Promise<void> => {
    for (const { photo, effort, into } of waiting) {
      into.set(photo.path, await describePhoto(engine, photo, effort))
      onProgress(++done, work.length)
    }
  }
  await Promise.all(Array.from({ length: AT_A_TIME }, runAll))
  return { cheap, rich }
}

async function describePhoto(engine: FaceEngine, photo: Photo, effort: Effort): Promise<Float32Array | null> {
  const bytes = await readFile(photo.path)
  const report = await engine.findFaces(bytes, { faces: 'central', effort, crop: null }, { lane: 'bulk' })
  return report.outcome === 'faces' ? report.faces[0].descriptor.values : null
}
