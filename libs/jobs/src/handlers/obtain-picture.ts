import {
  deadlineMissed,
  type EngineWork,
  type FaceEngine,
  type ImageLinks,
  type ObserveStage,
  type PicturesInFlight,
} from '@semblance/core'
import type { PictureSource } from '../catalogue.ts'
import type { PictureProblem } from '../job-results.ts'

export interface PictureDeps {
  readonly engine: FaceEngine
  readonly inFlight: PicturesInFlight
  readonly links: ImageLinks
  readonly observe: ObserveStage
}

export type ObtainedPicture = { readonly outcome: 'obtained'; readonly bytes: Uint8Array } | PictureProblem

/** The bytes that a job works on, shrunk if the caller asked for it. Bytes that expired mean that we are too late. */
export async function obtainPicture(
  deps: PictureDeps,
  source: PictureSource,
  work: EngineWork,
): Promise<ObtainedPicture> {
  const fetched = await fetchBytes(deps, source, work)
  if (fetched.outcome !== 'obtained' || source.resize === null) return fetched
  const resized = await deps.engine.resize(fetched.bytes, source.resize, work)
  return resized.outcome === 'resized' ? { outcome: 'obtained', bytes: resized.bytes } : resized
}

async function fetchBytes(
  deps: PictureDeps,
  source: PictureSource,
  work: EngineWork,
): Promise<ObtainedPicture> {
  if (source.from.kind === 'ref') {
    const bytes = await deps.inFlight.get(source.from.ref, work)
    if (bytes === null) throw deadlineMissed('the picture of this job', 1)
    return { outcome: 'obtained', bytes }
  }
  const link = await deps.links.fetch(source.from.url, work)
  if (link.outcome === 'refused') return { outcome: 'link-refused', reason: link.reason }
  return { outcome: 'obtained', bytes: link.bytes }
}
