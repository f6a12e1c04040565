import {
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

/**
 * A handler that may enroll a picture, and that then has every other pack of the gallery describe it as well, before the caller
 * is answered.
 * @param enrolled the image that the result tells of; null if none was enrolled
 */
export function inEveryPack<Deps, Payload, Result>(
  handle: (deps: Deps, payload: Payload, work: EngineWork) => Promise<Result>,
  enrolled: (result: Result) => ImageId | null,
): (deps: Deps & EnrollingDeps, payload: Payload, work: EngineWork) => Promise<Result> {
  return async (deps, payload, work) => {
    const result = await handle(deps, payload, work)
    const imageId = enrolled(result)
    if (imageId !== null) await describeByOthers(deps, imageId, work)
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
