import type { Storage } from '../main/decode/decoding-cost.ts'

/** Pixels from a decoder of our own, 8 bits a channel, interleaved, top row first: grey, RGB or RGBA. */
export interface RawPicture {
  readonly data: Uint8Array<ArrayBuffer>
  readonly width: number
  readonly height: number
  readonly channels: 1 | 3 | 4
}

/** What a header tells before anything is decoded. */
export interface RawHeader {
  /** Upright. */
  readonly width: number
  readonly height: number
  /** Channels of color, as stored: 1 grey, 3 RGB; transparency is none. */
  readonly channels: number
}

/** A header of any format. */
export interface PictureHeader extends RawHeader {
  readonly storage: Storage
}
