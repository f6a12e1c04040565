import type { Box, ObserveStage } from '@semblance/core'
import type { Pixels } from '../geometry/pixels.ts'
import { decodeRegion, decodeWhole, type OpenedPicture } from './decode/decode-picture.ts'
import type { DecodingRoom } from './decode/decoding-room.ts'
import { type Darkness, gainOf, lightenPixels } from './decode/lighten-pixels.ts'
import { resizePixels } from './decode/resize-pixels.ts'
import type { TaskWork } from './pool/thread-pool.ts'
import { detailRegion, needsDetail, reducedRegion, WORKING_SIDE_PX } from './views/face-regions.ts'
import {
  boxToPicture,
  boxToView,
  type PictureView,
  type TonedPixels,
  viewOf,
  type WholeView,
  wholeOf,
} from './views/picture-view.ts'

/** What to describe a face from, and what to crop it from. */
export interface FaceViews {
  readonly view: PictureView
  readonly original: PictureView
}

/** The whole picture as networks see it. */
export interface LoadedPicture extends WholeView {
  /** How other pixels of it are made lighter or darker, as these are; null: these are as they are. */
  readonly tone: TonedPixels['tone'] | null
  /** As it is: the same pixels where it is neither dark nor glaring. */
  readonly original: PictureView
}

export interface PictureLoaderDeps {
  readonly room: DecodingRoom
  /** The longer side of the previews for the detector. */
  readonly previewSide: number
  /** Dark pictures are lightened; null: they stay as they are. */
  readonly dark: Darkness | null
  readonly observe: ObserveStage
}

/** Decodes pictures outside the event loop (libvips runs on libuv's threads), as many at a time as there is room for. */
export class PictureLoader {
  readonly #deps: PictureLoaderDeps

  constructor(deps: PictureLoaderDeps) {
    this.#deps = deps
  }

  /** Runs `use`, which decodes, when it is its turn. */
  async decode<T>(picture: OpenedPicture, work: TaskWork, use: () => Promise<T>): Promise<T> {
    return this.#deps.room.decode(picture.cost, work, async () => {
      const startedAt = performance.now()
      const result = await use()
      this.#deps.observe('decode', (performance.now() - startedAt) / 1000)
      return result
    })
  }

  /** The whole picture at working size; null if it is broken. */
  async loadWhole(picture: OpenedPicture, work: TaskWork): Promise<LoadedPicture | null> {
    return this.decode(picture, work, async () => {
      const pixels = await decodeWhole(picture, WORKING_SIDE_PX)
      if (pixels === null) return null
      work.signal?.throwIfAborted()
      const original = viewOf(pixels, wholeOf(picture.info))
      const preview = await this.#previewOf(pixels)
      const gain = this.#deps.dark === null ? 1 : gainOf(preview, this.#deps.dark)
      if (gain === 1) return { ...original, preview, tone: null, original }
      const tone = (some: Pixels) => lightenPixels(some, gain)
      const lightened = await tone(pixels)
      const lightPreview = preview === pixels ? lightened : await tone(preview)
      return { ...original, pixels: lightened, preview: lightPreview, tone, original }
    })
  }

  /** The pixels to work on for each box, which is given in picture pixels; null if the picture is broken. */
  async loadFaces(
    picture: OpenedPicture,
    faces: { readonly whole: LoadedPicture; readonly boxes: readonly Box[] },
    work: TaskWork,
  ): Promise<readonly FaceViews[] | null> {
    const { whole, boxes } = faces
    const small = boxes.filter((box) => needsDetail(box, whole.scale.x))
    const detail = small.length === 0 ? whole.original : await this.#loadDetail(picture, small, work)
    if (detail === null) return null
    const toned = small.length === 0 ? whole : await tonedView(detail, whole.tone)
    return Promise.all(
      boxes.map(async (box) =>
        small.includes(box)
          ? { view: toned, original: detail }
          : { view: await reducedView(whole, box), original: whole.original },
      ),
    )
  }

  async #loadDetail(
    picture: OpenedPicture,
    boxes: readonly Box[],
    work: TaskWork,
  ): Promise<PictureView | null> {
    const { region, size } = detailRegion(boxes, picture.info)
    const pixels = await this.decode(picture, work, () => decodeRegion(picture, region, size))
    return pixels === null ? null : viewOf(pixels, region)
  }

  #previewOf(pixels: Pixels): Promise<Pixels> {
    const scale = this.#deps.previewSide / Math.max(pixels.width, pixels.height)
    if (scale >= 1) return Promise.resolve(pixels)
    const size = {
      width: Math.max(1, Math.round(pixels.width * scale)),
      height: Math.max(1, Math.round(pixels.height * scale)),
    }
    return resizePixels(pixels, wholeOf(pixels), size)
  }
}

async function tonedView(view: PictureView, tone: LoadedPicture['tone']): Promise<PictureView> {
  return tone === null ? view : { ...view, pixels: await tone(view.pixels) }
}

/** Large faces are brought down to what the networks need, once for all of them. */
async function reducedView(whole: PictureView, box: Box): Promise<PictureView> {
  const reduced = reducedRegion(boxToView(box, whole), whole.pixels)
  if (reduced === null) return whole
  const pixels = await resizePixels(whole.pixels, reduced.region, reduced.size)
  return viewOf(pixels, boxToPicture(reduced.region, whole))
}
