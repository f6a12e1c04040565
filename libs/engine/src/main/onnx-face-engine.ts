import {
  AppError,
  type Calibration,
  type Descriptor,
  type EngineWork,
  type ExaminedFace,
  type ExaminedFirstFace,
  type ExamineFacesRequest,
  type ExamineReport,
  engineUnavailable,
  type FaceEngine,
  type FaceGeometry,
  type FaceReport,
  type FindFacesRequest,
  type Lane,
  type PackId,
  type PictureFault,
  type PictureInfo,
  type ResizeOutcome,
  type ResizeRequest,
} from '@semblance/core'
import type { ExecutionProvider } from '../execution-provider.ts'
import { clipToPicture } from '../geometry/boxes.ts'
import { turnOf } from '../geometry/quarters.ts'
import { encodeInside, type OpenedPicture, openPicture } from './decode/decode-picture.ts'
import type { DecoderThreads } from './decode/decoder-threads.ts'
import type { DecodingLoad, DecodingRoom } from './decode/decoding-room.ts'
import { CONTENT_TYPES, pictureFormatOf } from './decode/picture-format.ts'
import { isTooThin } from './decode/picture-weight.ts'
import { chooseCentralFace } from './detect/choose-faces.ts'
import { distinctFaces } from './detect/distinct-faces.ts'
import type { FaceDetector, FoundFace } from './detect/face-detector.ts'
import { hasTiles } from './detect/ssd/plan-looks.ts'
import type { EngineHealth } from './engine-health.ts'
import type { FaceExaminer } from './examine/face-examiner.ts'
import type { FaceDescriber, LocatedFace } from './face-describer.ts'
import type { LoadedPicture, PictureLoader } from './picture-loader.ts'
import type { LaneGate } from './pool/lane-gate.ts'
import type { TaskWork } from './pool/thread-pool.ts'
import type { PictureAtWork } from './pool/thread-shares.ts'
import { tryOut } from './try-out.ts'
import { WORKING_SIDE_PX } from './views/face-regions.ts'

export interface OnnxFaceEngineDeps {
  readonly packId: PackId
  readonly dimensions: number
  readonly calibration: Calibration
  readonly executionProvider: ExecutionProvider
  readonly maxPixels: number
  /** The most bytes of one picture while it is decoded. */
  readonly maxDecodingBytes: number
  readonly decoders: DecoderThreads
  readonly room: DecodingRoom
  readonly loader: PictureLoader
  readonly detector: FaceDetector
  readonly describer: FaceDescriber
  readonly examiner: FaceExaminer
  /** Pictures in memory at a time, lane by lane: bulk work must not keep a search out. */
  readonly slots: Readonly<Record<Lane, LaneGate>>
  /** The same for large pictures that are searched: they must not keep a small one out. */
  readonly largeSlots: LaneGate
  /** This is told of each picture at work, until the function that it answers is called. */
  readonly beginPicture: (picture: PictureAtWork) => () => void
  readonly health: Pick<EngineHealth, 'check' | 'fault'>
  readonly close: () => Promise<void>
}

type FaceSearch =
  | {
      readonly outcome: 'located'
      readonly located: readonly LocatedFace[]
      readonly whole: LoadedPicture
      /** Faces seen on the way, in picture pixels. */
      readonly seen: readonly FoundFace[]
      /** `whole` is a darker picture, in which the search saw each face. */
      readonly isDimmed: boolean
    }
  | { readonly outcome: 'no-face'; readonly picture: PictureInfo }
  | PictureFault

type LocatedSearch = Extract<FaceSearch, { outcome: 'located' }>

const QUALITY_ONLY: ExamineFacesRequest = {
  faces: 'central',
  crop: null,
  measurePixels: true,
  needsFaceCount: false,
  attributes: [],
}

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

  get isDead(): boolean {
    return this.#deps.health.fault !== null
  }

  /** What takes much memory to decode and is being decoded now. */
  get decodingLoad(): DecodingLoad {
    return this.#deps.room.load
  }

  findFaces(bytes: Uint8Array, request: FindFacesRequest, work: EngineWork): Promise<FaceReport> {
    return this.#look(bytes, work, (picture, task) => this.#findFaces(picture, request, task))
  }

  examineFaces(bytes: Uint8Array, request: ExamineFacesRequest, work: EngineWork): Promise<ExamineReport> {
    return this.#look(bytes, work, (picture, task) => this.#examineFaces(picture, request, task))
  }

  async describeFace(
    bytes: Uint8Array,
    request: { readonly face: FaceGeometry; readonly effort: FindFacesRequest['effort'] },
    work: EngineWork,
  ): Promise<Descriptor> {
    const described = await this.#look(bytes, work, (picture, task) =>
      this.#describeFace(picture, request, task),
    )
    if ('outcome' in described) throw unlikeBefore()
    return described
  }

  resize(bytes: Uint8Array, request: ResizeRequest, work: EngineWork): Promise<ResizeOutcome> {
    return this.#open(bytes, work, (picture, task) => this.#resize(picture, request, task))
  }

  contentTypeOf(picture: Uint8Array): string | null {
    const format = pictureFormatOf(picture)
    return format === null ? null : CONTENT_TYPES[format]
  }

  /** Throws E_ENGINE_FAILED if no picture can be described now: its networks do not even answer to one of our own. */
  check(): void {
    this.#deps.health.check()
  }

  /** Has all networks of a search look at noise; rejects unless each answers. */
  tryOut(signal: AbortSignal): Promise<void> {
    return tryOut(this.#deps, signal)
  }

  close(): Promise<void> {
    return this.#deps.close()
  }

  /** As `#open`, for what needs the networks: while they answer to nothing, that is said in place of whatever they fail with. */
  #look<T>(
    bytes: Uint8Array,
    work: EngineWork,
    use: (picture: OpenedPicture, task: TaskWork) => Promise<T>,
  ): Promise<T | PictureFault> {
    return this.#open(bytes, work, async (picture, task) => {
      // A network that hangs would keep it until its deadline.
      this.#requireAlive()
      try {
        return await use(picture, task)
      } catch (fault) {
        if (fault instanceof AppError && fault.code === 'E_ENGINE_FAILED') this.#requireAlive()
        throw fault
      }
    })
  }

  #requireAlive(): void {
    const { fault } = this.#deps.health
    if (fault !== null) throw engineUnavailable(fault)
  }

  /** Uses a picture that is one and not too large, in its turn. */
  async #open<T>(
    bytes: Uint8Array,
    work: EngineWork,
    use: (picture: OpenedPicture, task: TaskWork) => Promise<T>,
  ): Promise<T | PictureFault> {
    const task = { ...work, ticket: this.#tickets++ }
    const picture = await openPicture(bytes, this.#deps)
    if ('outcome' in picture) return picture
    return this.#deps.room.admit(picture.cost, task, () =>
      this.#inSlot(picture, task, () => use(picture, task)),
    )
  }

  #inSlot<T>({ info }: OpenedPicture, task: TaskWork, use: () => Promise<T>): Promise<T> {
    const { slots, largeSlots, beginPicture } = this.#deps
    const atWork = { lane: task.lane, isLarge: hasTiles(info) }
    const isAside = atWork.isLarge && task.lane === 'search'
    const gate = isAside ? largeSlots : slots[task.lane]
    const comeBack = isAside ? task.stepAside?.() : undefined
    return gate.pass({ ...task, weight: 1 }, async () => {
      comeBack?.()
      const end = beginPicture(atWork)
      try {
        return await use()
      } finally {
        end()
      }
    })
  }

  async #findFaces(picture: OpenedPicture, request: FindFacesRequest, work: TaskWork): Promise<FaceReport> {
    const search = await this.#locateFaces(picture, request.faces, work)
    if (search.outcome !== 'located') return search
    const { located } = search
    const describe = (face: LocatedFace) => this.#deps.describer.describe(face, request, work)
    const [examined, [first, ...others]] = await Promise.all([
      request.examineFirst === true ? this.#examineFirst(picture, { request, search }, work) : null,
      Promise.all(located.map(describe)),
    ])
    if (first === undefined) return { outcome: 'no-face', picture: picture.info }
    const found = { outcome: 'faces', picture: picture.info, faces: [first, ...others] } as const
    return examined === null ? found : { ...found, examined }
  }

  async #examineFirst(
    picture: OpenedPicture,
    { request, search }: { readonly request: FindFacesRequest; readonly search: LocatedSearch },
    work: TaskWork,
  ): Promise<ExaminedFirstFace | null> {
    const { info, channels } = picture
    const [largest = null] = search.located
    const first = request.faces === 'all' ? largest : chooseCentralFace(search.located, info)
    if (first === null) return null
    const [face, faceCount] = await Promise.all([
      this.#deps.examiner.examine(first, { picture: info, request: QUALITY_ONLY }, work),
      this.#countFaces(picture, { request, search }, work),
    ])
    return { picture: { ...info, channels, faceCount }, face }
  }

  async #countFaces(
    picture: OpenedPicture,
    { request, search }: { readonly request: FindFacesRequest; readonly search: LocatedSearch },
    work: TaskWork,
  ): Promise<number> {
    const { detector } = this.#deps
    const seen = await this.#countSeen(picture, search, work)
    const isAll = request.faces === 'all' || !detector.seesFew || request.countsEveryFace !== true
    if (isAll || search.isDimmed || seen > 1) return seen
    const every = await detector.find(search.whole, 'all', work)
    return Math.max(seen, await this.#countSeen(picture, { ...search, seen: every.seen }, work))
  }

  /** The central face is looked for as an enrollment looks for it, so that both judge the same; the others are looked for apart. */
  async #countAll(picture: OpenedPicture, search: LocatedSearch, work: TaskWork): Promise<number> {
    const { detector } = this.#deps
    if (!detector.seesFew || search.isDimmed) return this.#countSeen(picture, search, work)
    const every = await detector.find(search.whole, 'all', work)
    return Math.max(1, await this.#countSeen(picture, { ...search, seen: every.boxes }, work))
  }

  /** Each face once, which only the landmarks tell for sure; a portrait of one person costs nothing. */
  async #countSeen({ info }: OpenedPicture, { seen, whole }: LocatedSearch, work: TaskWork): Promise<number> {
    if (seen.length <= 1) return seen.length
    const place = { view: whole, original: whole }
    const located = seen.map((face) =>
      this.#deps.describer.locate({ ...face, boxInPicture: clipToPicture(face.box, info), ...place }, work),
    )
    return distinctFaces(await Promise.all(located)).length
  }

  async #examineFaces(
    picture: OpenedPicture,
    request: ExamineFacesRequest,
    work: TaskWork,
  ): Promise<ExamineReport> {
    const { faces, needsFaceCount } = request
    const search = await this.#locateFaces(picture, faces, work)
    if (search.outcome !== 'located') return search
    const { located } = search
    const central = faces === 'central' ? chooseCentralFace(located, picture.info) : null
    const job = { picture: picture.info, request }
    const examine = async (face: LocatedFace): Promise<ExaminedFace> => {
      const [examined, described] = await Promise.all([
        this.#deps.examiner.examine(face, job, work),
        request.judgeFaces === true
          ? this.#deps.describer.describe(face, { effort: 'cheap', crop: null }, work)
          : null,
      ])
      return described?.quality === undefined ? examined : { ...examined, quality: described.quality }
    }
    const [counted, [first, ...others]] = await Promise.all([
      faces === 'central' && needsFaceCount ? this.#countAll(picture, search, work) : null,
      Promise.all((central === null ? located : [central]).map(examine)),
    ])
    if (first === undefined) return { outcome: 'no-face', picture: picture.info }
    const faceCount = faces === 'all' ? located.length : counted
    const examined = { ...picture.info, channels: picture.channels, faceCount }
    return { outcome: 'faces', picture: examined, faces: [first, ...others] }
  }

  async #locateFaces(picture: OpenedPicture, faces: 'central' | 'all', work: TaskWork): Promise<FaceSearch> {
    const { loader, detector, describer } = this.#deps
    if (isTooThin(picture.info, WORKING_SIDE_PX)) return { outcome: 'no-face', picture: picture.info }
    const loaded = await loader.loadWhole(picture, work)
    if (loaded === null) return { outcome: 'undecodable' }
    const found = await detector.find(loaded, faces, work)
    if (found.boxes.length === 0) return { outcome: 'no-face', picture: picture.info }
    const whole = { ...loaded, ...found.dimmed }
    const isDimmed = found.dimmed !== undefined
    const boxes = found.boxes.map(({ box }) => box)
    const views = await loader.loadFaces(picture, { whole, boxes }, work)
    if (views === null) return { outcome: 'undecodable' }
    const located = await Promise.all(
      found.boxes.map((face, index) =>
        describer.locate(
          {
            ...face,
            boxInPicture: clipToPicture(face.box, picture.info),
            isDimmed,
            ...(views[index] ?? { view: whole, original: whole }),
          },
          work,
        ),
      ),
    )
    return { outcome: 'located', located: distinctFaces(located), whole, isDimmed, seen: found.seen }
  }

  async #describeFace(
    picture: OpenedPicture,
    request: { readonly face: FaceGeometry; readonly effort: FindFacesRequest['effort'] },
    work: TaskWork,
  ): Promise<Descriptor> {
    const { loader, describer, detector } = this.#deps
    const loaded = await loader.loadWhole(picture, work)
    const dimmed =
      loaded !== null && request.face.isDimmed === true ? detector.dim?.(loaded, work) : undefined
    const whole = loaded && { ...loaded, ...(await dimmed) }
    const { box, boxInPicture, score, rotationAngle } = request.face
    const turn = detector.turnsPictures ? turnOf(rotationAngle) : { quarters: 0 as const, tilt: 0 }
    const views = whole && (await loader.loadFaces(picture, { whole, boxes: [box] }, work))
    const [pixels] = views ?? []
    if (pixels === undefined) throw unlikeBefore()
    const located = await describer.locate({ box, boxInPicture, score, ...turn, ...pixels }, work)
    const { values } = await describer.describePoints(located, request.effort, work)
    return { packId: this.#deps.packId, values }
  }

  async #resize(picture: OpenedPicture, request: ResizeRequest, work: TaskWork): Promise<ResizeOutcome> {
    const { width, height } = picture.info
    const isSmallEnough = width <= (request.width ?? width) && height <= (request.height ?? height)
    // Nothing will be stored of a picture that is too thin for a face.
    const isKept = isSmallEnough || isTooThin(picture.info, WORKING_SIDE_PX)
    if (isKept && request.encodesAnew !== true)
      return { outcome: 'resized', bytes: picture.bytes, picture: picture.info }
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
