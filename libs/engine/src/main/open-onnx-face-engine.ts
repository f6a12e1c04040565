import {
  type Calibration,
  type ImpostorTail,
  type ObserveStage,
  type PackId,
  packInvalid,
  type QualityShift,
} from '@semblance/core'
import type { ExecutionProvider } from '../execution-provider.ts'
import type { Landmarks } from '../faces/face-points.ts'
import type { PackNetworks } from '../inference-thread/load-networks.ts'
import type { FaceTask } from '../messages/face-task.ts'
import type { OpenedPack } from '../packs/open-pack.ts'
import {
  type CascadeDetector,
  type PackManifest,
  packIdOf,
  type SsdDetector,
} from '../packs/pack-manifest.ts'
import { openDecoderThreads } from './decode/decoder-threads.ts'
import { DecodingRoom } from './decode/decoding-room.ts'
import { restrictLoaders } from './decode/restrict-loaders.ts'
import { CascadeFaceDetector } from './detect/cascade/cascade-face-detector.ts'
import type { FaceDetector } from './detect/face-detector.ts'
import { SsdFaceDetector } from './detect/ssd/ssd-face-detector.ts'
import { EngineHealth } from './engine-health.ts'
import { FaceExaminer } from './examine/face-examiner.ts'
import { FaceDescriber, type FaceDescriberDeps } from './face-describer.ts'
import { Inference } from './inference.ts'
import { OnnxFaceEngine } from './onnx-face-engine.ts'
import { PictureLoader } from './picture-loader.ts'
import { LaneGate } from './pool/lane-gate.ts'
import { startInferenceThread } from './pool/start-inference-thread.ts'
import { startOnFirstProvider } from './pool/start-on-first-provider.ts'
import { ThreadPool } from './pool/thread-pool.ts'

export interface OnnxFaceEngineConfig {
  readonly pack: OpenedPack
  /** Inference threads, one core each: the CPU limit of the process. */
  readonly threads: number
  readonly limits: {
    /** The most pixels of a picture, judged by its header. */
    readonly maxPixels: number
    /** Memory for decoding heavy pictures, all together; one that needs more is refused. 800 MB if left out. */
    readonly decodingBytes?: number
    /** The most faces of one picture when all are asked for; the largest are kept. */
    readonly maxFaces: number
  }
  readonly observe: ObserveStage
  /**
   * Providers in order of preference; `['cpu']` if left out. Every network runs on the first one that can take them
   * all. With `cuda` alone a machine where they do not run on it is refused: nothing falls back to the CPU unless it
   * is listed.
   */
  readonly executionProviders?: readonly ExecutionProvider[]
  /**
   * Folder of an installed libheif-js; without it no HEIC is read. It is not among our own packages because its licence
   * is the LGPL. Throws a TypeError if nothing is there.
   */
  readonly heicDecoder?: string | undefined
  /** This is told once, in words for an operator, if the first provider is not the one in use. */
  readonly onWarning?: (message: string) => void
  /**
   * This is told of each inference thread that died by itself, and of what; another takes its place, some seconds later if it
   * could not load. It must not throw.
   */
  readonly onThreadDeath?: (cause: unknown) => void
  /** This is told each time that the engine was found dead, seconds apart. It must not throw. */
  readonly onDead?: (death: EngineDeath) => void
}

/** No network answers, not even to a picture of our own. */
export interface EngineDeath {
  readonly packId: PackId
  readonly provider: ExecutionProvider
  readonly fault: unknown
  /** Trials that have failed since one went well. */
  readonly trials: number
  /** What passes by itself would have passed by then. */
  readonly isLasting: boolean
}

/** Trials, seconds apart, of which each has failed. */
const LASTING_TRIALS = 3

/** The room is enough for a HEIC of 24 megapixels, which is what phones take. */
const DECODING_BYTES = 800_000_000

/** Serves until a pack is measured: a strict caller would choose it for descriptors of this kind. */
const UNMEASURED = 0.9

/**
 * Loads the pack's networks into every thread. Throws E_PACK_INVALID for a pack of a kind that this version cannot
 * run and for networks that run on none of the providers.
 */
export async function openOnnxFaceEngine(config: OnnxFaceEngineConfig): Promise<OnnxFaceEngine> {
  const { pack, limits, observe, threads } = config
  const { manifest } = pack
  const { detector, landmarks } = runnable(manifest)
  restrictLoaders()
  const decoders = openDecoderThreads(config.heicDecoder)
  // A thread that dies while the pool starts is told by the start.
  let onDeath = () => {}
  const { pool, provider } = await startPool(config, { detector, landmarks }, () => onDeath())
  const health = new EngineHealth({
    tryOut: (signal) => engine.tryOut(signal),
    onDead: (fault, trials) => {
      config.onDead?.({ packId, provider, fault, trials, isLasting: trials >= LASTING_TRIALS })
    },
  })
  onDeath = () => health.suspect()
  const inference = new Inference({ pool, observe, health })
  const faceDetector = detectorOf(detector, { inference, maxFaces: limits.maxFaces })
  const dark = detector.layout === 'cascade' ? detector.dark : null
  const packId = packIdOf(manifest)
  const describer = describerOf(manifest, { inference, packId, landmarks, provider })
  // The number is enough that no thread waits while another picture is being decoded.
  const slot = (): LaneGate => new LaneGate(threads + 2)
  const maxDecodingBytes = limits.decodingBytes ?? DECODING_BYTES
  const room = new DecodingRoom({ threads, maxBytes: maxDecodingBytes })
  const engine = new OnnxFaceEngine({
    packId,
    dimensions: manifest.descriptorLength,
    calibration: calibrationOf(manifest),
    executionProvider: provider,
    maxPixels: limits.maxPixels,
    maxDecodingBytes,
    decoders,
    room,
    loader: new PictureLoader({ room, previewSide: faceDetector.previewSide, dark, observe }),
    detector: faceDetector,
    describer,
    examiner: new FaceExaminer({ inference, describer, attributes: manifest.attributes ?? {} }),
    slots: { search: slot(), enroll: slot(), bulk: slot() },
    largeSlots: slot(),
    beginPicture: (picture) => pool.beginPicture(picture),
    health,
    close: async () => void (await Promise.all([health.close(), pool.close(), decoders.close()])),
  })
  return engine
}

function describerOf(
  { quality, recognizers }: PackManifest,
  {
    provider,
    ...deps
  }: Pick<FaceDescriberDeps, 'inference' | 'packId' | 'landmarks'> & { readonly provider: ExecutionProvider },
): FaceDescriber {
  return new FaceDescriber({
    ...deps,
    quality,
    parts: recognizers.map(({ enrollment, search }) => ({
      rich: enrollment.views.length,
      cheap: search.views.length,
    })),
    // A graphics processor is for runs over many chips.
    viewsPerTask: provider === 'cuda' ? Number.MAX_SAFE_INTEGER : 1,
  })
}

function startPool(
  config: OnnxFaceEngineConfig,
  networks: Pick<PackNetworks, 'detector' | 'landmarks'>,
  onDeath: () => void,
): Promise<{ readonly pool: ThreadPool<FaceTask>; readonly provider: ExecutionProvider }> {
  const { pack, threads, executionProviders = ['cpu'], onWarning = () => {} } = config
  const { id, recognizers, attributes = {} } = pack.manifest
  const files = { packId: packIdOf(pack.manifest), recognizers, attributes, files: pack.files }
  return startOnFirstProvider(executionProviders, {
    packId: id,
    onWarning,
    openPool: (provider) =>
      new ThreadPool<FaceTask>({
        size: threads,
        startThread: () => startInferenceThread({ ...networks, ...files, provider }),
        onDeath: (cause, { hasLoaded }) => {
          config.onThreadDeath?.(cause)
          // A trial starts what is missing: one for each thread that cannot load would start the next, for ever.
          if (hasLoaded) onDeath()
        },
      }),
  })
}

function detectorOf(
  detector: RunnableDetector,
  deps: { readonly inference: Inference; readonly maxFaces: number },
): FaceDetector {
  return detector.layout === 'cascade'
    ? new CascadeFaceDetector({ ...deps, detector })
    : new SsdFaceDetector({ ...deps, detector })
}

type RunnableDetector = SsdDetector | CascadeDetector

function runnable(manifest: PackManifest): {
  readonly detector: RunnableDetector
  readonly landmarks: Landmarks
} {
  const { detector, landmarks, id } = manifest
  if (detector.layout !== 'ssd' && detector.layout !== 'cascade')
    throw packInvalid(id, `a ${detector.layout} detector is not supported yet`)
  if (landmarks === null) throw packInvalid(id, 'a pack without a landmark network is not supported yet')
  return { detector, landmarks }
}

function calibrationOf({ calibration }: PackManifest): Calibration {
  const { richCheap, cheapCheap, richRich } = calibration.operatingPoint
  const { impostorTails: tails } = calibration
  return {
    richCheap: richCheap ?? UNMEASURED,
    cheapCheap: cheapCheap ?? UNMEASURED,
    richRich: richRich ?? richCheap ?? UNMEASURED,
    impostorTails: tails && {
      richCheap: tailOf(tails.richCheap),
      cheapCheap: tailOf(tails.cheapCheap),
      richRich: tailOf(tails.richRich),
    },
    qualityShift: calibration.qualityShift && shiftOf(calibration.qualityShift.points),
    damageShift: calibration.damageShift?.shift,
  }
}

/** The form of the manifest says that there is one point at least. */
function shiftOf(points: readonly (readonly [number, number])[]): QualityShift {
  return points.map(([quality, shift]) => ({ quality, shift })) as unknown as QualityShift
}

/** The form of the manifest says that there are two points at least. */
function tailOf(points: readonly (readonly [number, number])[]): ImpostorTail {
  return points.map(([cosine, rate]) => ({ cosine, rate })) as unknown as ImpostorTail
}
