import {
  describeBeside,
  describeByOthers,
  type EngineWork,
  type FaceEngine,
  type FaceEngines,
  type GalleryPorts,
  type ImageId,
  type PackHolder,
  type PackId,
} from '@semblance/core'

interface EnrollingDeps {
  readonly gallery: GalleryPorts
  readonly engines: FaceEngines
}

/** For one picture: a caller who leaves does not stop an enrollment that is being written, so that this has an end of its own. */
const LONGEST_BESIDE_MS = 30_000

/**
 * A handler that may enroll a picture, and that has every other pack of the gallery describe it as well before it is enrolled: at no
 * time is it there and not found, whichever of them serves by then. One that an earlier run enrolled is looked at once more before
 * the caller is answered.
 * @param enrolled the image that the result tells of; null if none was enrolled
 */
export function inEveryPack<Deps, Payload, Result>(
  handle: (deps: Deps, payload: Payload, work: EngineWork) => Promise<Result>,
  enrolled: (result: Result) => ImageId | null,
): (deps: Deps & EnrollingDeps, payload: Payload, work: EngineWork) => Promise<Result> {
  return async (deps, payload, work) => {
    const seen = new Set<ImageId>()
    const beside: GalleryPorts['describeBeside'] = (image) => {
      seen.add(image.id)
      return describeBeside(deps, image, { ...work, signal: AbortSignal.timeout(LONGEST_BESIDE_MS) })
    }
    const result = await handle(
      { ...deps, gallery: { ...deps.gallery, describeBeside: beside } },
      payload,
      work,
    )
    const imageId = enrolled(result)
    if (imageId !== null && !seen.has(imageId)) await describeByOthers(deps, imageId, work)
    return result
  }
}

/** The engine of a process that can load one pack only. */
export function onlyEngine(engine: FaceEngine): PackHolder {
  const engines = {
    serving: engine,
    others: [],
    of: (packId: PackId) => (packId === engine.packId ? engine : null),
  }
  return { use: (work) => work(engines) }
}
