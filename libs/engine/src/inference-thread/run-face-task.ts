import type { FaceAttribute, PackId } from '@semblance/core'
import { fivePointsOf } from '../faces/face-points.ts'
import type { FaceTask, FaceTaskKind, FaceTaskResults } from '../messages/face-task.ts'
import { finishPart, type PartNetwork, sumFeatures } from './describe/describe-part.ts'
import { type CascadeNetworks, runCascade } from './detect/cascade/run-cascade.ts'
import { tiltOfFace } from './detect/cascade/tilt-of-face.ts'
import { type DetectorNetwork, detectInLook } from './detect/detect-look.ts'
import { attributeProbabilities, type LoadedAttribute } from './examine/attribute-probabilities.ts'
import { measurePixels } from './examine/measure-pixels.ts'
import { findLandmarks, type LandmarkNetwork } from './landmarks/find-landmarks.ts'
import { dimPixels } from './pixels/dim-pixels.ts'
import { warpToBytes } from './pixels/warp.ts'
import { UnsoundOutput } from './unsound-output.ts'

/** A pack's networks, loaded in one thread. */
export interface Networks {
  readonly packId: PackId
  /** Of the layout that the pack names; the other is null. */
  readonly ssd: DetectorNetwork | null
  readonly cascade: CascadeNetworks | null
  readonly landmarks: LandmarkNetwork
  readonly parts: readonly PartNetwork[]
  /** Loads its network when it is first asked for; null if the pack has none. */
  readonly loadAttribute: (attribute: FaceAttribute) => Promise<LoadedAttribute | null>
}

/** Runs in an inference thread. Throws `UnsoundOutput`, with the pack's name, where a network gives what cannot be. */
export async function runFaceTask(
  task: FaceTask,
  networks: Networks,
): Promise<FaceTaskResults[FaceTaskKind]> {
  try {
    return await run(task, networks)
  } catch (fault) {
    throw fault instanceof UnsoundOutput ? fault.of(networks.packId) : fault
  }
}

async function run(task: FaceTask, networks: Networks): Promise<FaceTaskResults[FaceTaskKind]> {
  switch (task.kind) {
    case 'detect':
      return detectInLook(task.picture, task.look, loaded(networks.ssd))
    case 'cascade':
      return runCascade(task, task.step, loaded(networks.cascade))
    case 'tilt':
      return tiltOfFace(task, task, loaded(networks.cascade))
    case 'landmarks':
      return findLandmarks(task.picture, task, networks.landmarks)
    case 'describe':
      return sumFeatures(task.picture, task, partAt(networks, task.part))
    case 'finish':
      return finishPart(task.sums, partAt(networks, task.part))
    case 'measure': {
      const { points, picture } = task
      const fivePoints = fivePointsOf(points, networks.landmarks.settings)
      return measurePixels(picture, { points, fivePoints })
    }
    case 'attribute': {
      const network = await networks.loadAttribute(task.attribute)
      return network === null ? null : attributeProbabilities(task.picture, task.points, network)
    }
    case 'warp':
      return warpToBytes(task.picture, task.toPicture, { ...task.size, padColor: task.padColor })
    case 'dim':
      dimPixels(task.picture, task.into)
      return null
  }
}

function loaded<T>(detector: T | null): T {
  if (detector === null) throw new RangeError('the pack has a detector of another layout')
  return detector
}

function partAt({ parts }: Networks, index: number): PartNetwork {
  const part = parts[index]
  if (part === undefined) throw new RangeError(`the pack has no recognizer ${index}`)
  return part
}
