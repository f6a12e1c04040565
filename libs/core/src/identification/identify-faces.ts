import { comparedQuality } from '../detection/face-quality.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { Face, FaceEngine } from '../ports/face-engine.ts'
import type { ObserveStage } from '../ports/observer.ts'
import type { Waiting } from '../ports/waiting.ts'
import { type IdentifiedPerson, type IdentifyQuery, identify } from './identify.ts'
import { probeOf } from './probe.ts'

/** One face of a probe and who it is. */
export interface SearchedFace {
  readonly face: Face
  readonly persons: readonly IdentifiedPerson[]
}

export interface IdentifyFacesDeps {
  readonly gallery: Pick<GalleryPorts, 'records' | 'index' | 'clock'>
  /** The engine only tells what a cosine means. */
  readonly engine: Pick<FaceEngine, 'calibration'>
  readonly observe: ObserveStage
}

/** Who is each of these faces, described as probes are? In their order, one after the other. */
export async function identifyFaces(
  deps: IdentifyFacesDeps,
  search: { readonly faces: readonly Face[]; readonly query: IdentifyQuery },
  waiting?: Waiting,
): Promise<readonly SearchedFace[]> {
  const begun = performance.now()
  const searched: SearchedFace[] = []
  for (const face of search.faces) {
    const { descriptor, quality } = face
    const own = { descriptor, ...comparedQuality(quality) }
    const probe = probeOf(deps.engine.calibration, 'richCheap', own)
    searched.push({ face, persons: await identify(deps.gallery, { probe, query: search.query }, waiting) })
  }
  deps.observe('index', (performance.now() - begun) / 1000)
  return searched
}
