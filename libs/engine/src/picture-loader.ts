import type { Box, ObserveStage } from '@semblance/core'
import { decodeRegion, decodeWhole, type OpenedPicture } from './decode/decode-picture.ts'
import type { Pixels } from './geometry/pixels.ts'
import { LaneGate } from './threads/lane-gate.ts'
import type { TaskWork } from './threads/thread-pool.ts'
import { detailRegion, needsDetail, WORKING_SIDE_PX } from './views/detail-region.ts'
import { type PictureView, viewOf, wholeOf } from './views/picture-view.ts'

export interface PictureLoaderDeps {
  /** Picture pixels that may be in decoding at a time: bounds the decoder's own memory. */
  readonly maxPixels: number
  readonly observe: ObserveStage
}

/** Decodes pictures outside the event loop (libvips runs on libuv's threads), as many at a time as memory allows. */
export class PictureLoader {
  readonly #deps: PictureLoaderDeps
  readonly #gate: LaneGate

  constructor(deps: PictureLoaderDeps) {
    this.#deps = deps
    this.#gate = new LaneGate(deps.maxPixels)
  }

  /** Runs `use` with the decoder to itself as far as the picture's size asks for it. */
  async decode<T>(picture: OpenedPicture, work: TaskWork, use: () => Promise<T>): Promise<T> {
    const { width, height } = picture.info
    return this.#gate.pass({ ...work, weight: width * height }, async () => {
      const startedAt = performance.now()
      const result = await use()
      this.#deps.observe('decode', (performance.now() - startedAt) / 1000)
      return result
    })
  }

  /** The whole picture at working size; null if it is broken. */
  async loadWhole(picture: OpenedPicture, work: TaskWork): Promise<PictureView | null> {
    const pixels = await this.decode(picture, work, () => decodeWhole(picture, WORKING_SIDE_PX))
    return pixels === null ? null : viewOf(pixels, wholeOf(picture.info))
  }

  /** For each box, given in picture pixels, the view to describe it from; null if the picture is broken. */
  async loadFaces(
    picture: OpenedPicture,
    faces: { readonly whole: PictureView; readonly boxes: readonly Box[] },
    work: TaskWork,
  ): Promise<readonly PictureView[] | null> {
    const { whole, boxes } = faces
    const small = boxes.filter((box) => needsDetail(box, whole.scale.x))
    if (small.length === 0) return boxes.map(() => whole)
    const { region, size } = detailRegion(small, picture.info)
    const pixels: Pixels | null = await this.decode(picture, work, () => decodeRegion(picture, region, size))
    if (pixels === null) return null
    const detail = viewOf(pixels, region)
    return boxes.map((box) => (small.includes(box) ? detail : whole))
  }
}
