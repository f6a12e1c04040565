import type {
  Calibration,
  Descriptor,
  EngineWork,
  ExamineFacesRequest,
  ExamineReport,
  FaceEngine,
  FaceGeometry,
  FaceReport,
  FindFacesRequest,
  Lane,
  PackId,
  PictureFault,
  PictureInfo,
  ResizeOutcome,
  ResizeRequest,
} from '@semblance/core'
import { encodeInside, type OpenedPicture, openPicture } from './decode/decode-picture.ts'
import type { DecoderThreads } from './decode/decoder-threads.ts'
import { CONTENT_TYPES } from './decode/picture-format.ts'
import { chooseCentralFace } from './detect/choose-faces.ts'
import type { FaceExaminer } from './examine/face-examiner.ts'
import type { ExecutionProvider } from './execution-provider.ts'
import type { FaceDescriber, LocatedFace } from './face-describer.ts'
import type { FaceFinder } from './face-finder.ts'
import { distinctFaces } from './landmarks/distinct-faces.ts'
import type { PictureLoader } from './picture-loader.ts'
import type { LaneGate } from './threads/lane-gate.ts'
import type { TaskWork } from './threads/thread-pool.ts'

export interface OnnxFaceEngineDeps {
  readonly packId: PackId
  readonly dimensions: number
  readonly calibration: Calibration
  readonly executionProvider: ExecutionProvider
  readonly maxPixels: number
  readonly decoders: DecoderThreads
  readonly loader: PictureLoader
  readonly finder: FaceFinder
  readonly describer: FaceDescriber
  readonly examiner: FaceExaminer
  /** Pictures in memory at a time, lane by lane: bulk work must not keep a search out. */
  readonly slots: Readonly<Record<Lane, LaneGate>>
  /** Told of each picture at work, until the answer is called. */
  readonly beginPicture: (lane: Lane) => () => void
  readonly close: () => Promise<void>
}

type FaceSearch =
  | { readonly outcome: 'located'; readonly picture: OpenedPicture; readonly located: readonly LocatedFace[] }
  | { readonly outcome: 'no-face'; readonly picture: PictureInfo }
  | PictureFault

/** Faces by ONNX networks in worker threads; made by `openOnnxFaceEngine`. */
export class OnnxFaceEngine implements FaceEngine {
  readonly #deps: OnnxFaceEngineDeps
  #tickets = 0

  constructor(deps: OnnxFaceEngineDeps) {
    this.#deps = deps
  }

  get packId(): PackId {
    return this.#deps.packId
  }

  get dimensions(): number {
    return this.#deps.dimensions
  }

  get calibration(): Calibration {
    return this.#deps.calibration
  }

  /** What every network runs on, the same for the whole life of the engine. */
  get executionProvider(): ExecutionProvider {
    return this.#deps.executionProvider
  }

  findFaces(picture: Uint8Array, request: FindFacesRequest, work: EngineWork): Promise<FaceReport> {
    return this.#inSlot(work, (task) => this.#findFaces(picture, request, task))
  }

  examineFaces(picture: Uint8Array, request: ExamineFacesRequest, work: EngineWork): Promise<ExamineReport> {
    return this.#inSlot(work, (task) => this.#examineFaces(picture, request, task))
  }

  describeFace(
    picture: Uint8Array,
    request: { readonly face: FaceGeometry; readonly effort: FindFacesRequest['effort'] },
    work: EngineWork,
  ): Promise<Descriptor> {
    return this.#inSlot(work, (task) => this.#describeFace(picture, request, task))
  }

  resize(picture: Uint8Array, request: ResizeRequest, work: EngineWork): Promise<ResizeOutcome> {
    return this.#inSlot(work, (task) => this.#resize(picture, request, task))
  }

  close(): Promise<void> {
    return this.#deps.close()
  }

  #inSlot<T>(work: EngineWork, use: (task: TaskWork) => Promise<T>): Promise<T> {
    const task = { ...work, ticket: this.#tickets++ }
    return this.#deps.slots[work.lane].pass({ ...task, weight: 1 }, async () => {
      const end = this.#deps.beginPicture(work.lane)
      try {
        return await use(task)
      } finally {
        end()
      }
    })
  }

  async #findFaces(bytes: Uint8Array, request: FindFacesRequest, work: TaskWork): Promise<FaceReport> {
    const search = await this.#locateFaces(bytes, request.faces, work)
    if (search.outcome !== 'located') return search
    const { picture, located } = search
    const describe = (face: LocatedFace) => this.#deps.describer.describe(face, request, work)
    const [first, ...others] = await Promise.all(located.map(describe))
    if (first === undefined) return { outcome: 'no-face', picture: picture.info }
    return { outcome: 'faces', picture: picture.info, faces: [first, ...others] }
  }

  async #examineFaces(
    bytes: Uint8Array,
    request: ExamineFacesRequest,
    work: TaskWork,
  ): Promise<ExamineReport> {
    const { faces, countFaces } = request
    const search = await this.#locateFaces(bytes, countFaces ? 'all' : faces, work)
    if (search.outcome !== 'located') return search
    const { picture, located } = search
    const central = faces === 'central' ? chooseCentralFace(located, picture.info) : null
    const job = { picture: picture.info, request }
    const examine = (face: LocatedFace) => this.#deps.examiner.examine(face, job, work)
    const [first, ...others] = await Promise.all((central === null ? located : [central]).map(examine))
    if (first === undefined) return { outcome: 'no-face', picture: picture.info }
    const faceCount = countFaces || faces === 'all' ? located.length : null
    const examined = { ...picture.info, channels: picture.channels, faceCount }
    return { outcome: 'faces', picture: examined, faces: [first, ...others] }
  }

  async #locateFaces(bytes: Uint8Array, faces: 'central' | 'all', work: TaskWork): Promise<FaceSearch> {
    const { loader, finder, describer } = this.#deps
    const picture = await openPicture(bytes, this.#deps)
    if ('outcome' in picture) return picture
    const whole = await loader.loadWhole(picture, work)
    if (whole === null) return { outcome: 'undecodable' }
    const found = await finder.find(whole, faces, work)
    if (found.length === 0) return { outcome: 'no-face', picture: picture.info }
    const boxes = found.map(({ box }) => box)
    const views = await loader.loadFaces(picture, { whole, boxes }, work)
    if (views === null) return { outcome: 'undecodable' }
    const located = await Promise.all(
      found.map((face, index) =>
        describer.locate({ ...face, ...(views[index] ?? { view: whole, original: whole }) }, work),
      ),
    )
    return { outcome: 'located', picture, located: distinctFaces(located) }
  }

  async #describeFace(
    bytes: Uint8Array,
    request: { readonly face: FaceGeometry; readonly effort: FindFacesRequest['effort'] },
    work: TaskWork,
  ): Promise<Descriptor> {
    const { loader, describer } = this.#deps
    const picture = await openPicture(bytes, this.#deps)
    if ('outcome' in picture) throw unlikeBefore()
    const whole = await loader.loadWhole(picture, work)
    const { box, score } = request.face
    const views = whole && (await loader.loadFaces(picture, { whole, boxes: [box] }, work))
    const [pixels] = views ?? []
    if (pixels === undefined) throw unlikeBefore()
    const located = await describer.locate({ box, score, ...pixels }, work)
    const values = await describer.describePoints(located, request.effort, work)
    return { packId: this.#deps.packId, values }
  }

  async #resize(bytes: Uint8Array, request: ResizeRequest, work: TaskWork): Promise<ResizeOutcome> {
    const picture = await openPicture(bytes, this.#deps)
    if ('outcome' in picture) return picture
    const { width, height } = picture.info
    const isSmallEnough = width <= (request.width ?? width) && height <= (request.height ?? height)
    if (isSmallEnough) return { outcome: 'resized', bytes, picture: picture.info }
    const encoded = await this.#deps.loader.decode(picture, work, () =>
      encodeInside(picture, request, request.quality),
    )
    if (encoded === null) return { outcome: 'undecodable' }
    const { bytes: smaller, ...size } = encoded
    return { outcome: 'resized', bytes: smaller, picture: { contentType: CONTENT_TYPES.jpeg, ...size } }
  }
}

/** A bug of the caller: `describeFace` is for bytes in which `findFaces` has just found this face. */
function unlikeBefore(): Error {
  return new TypeError('these bytes are not a picture in which a face was found')
}
