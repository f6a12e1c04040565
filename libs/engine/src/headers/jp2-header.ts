import type { RawHeader } from '../messages/raw-picture.ts'

export interface Jp2Header extends RawHeader {
  /** Channels as stored; a palette has one and gives three. */
  readonly components: 1 | 3
  /** The bits of the first component. */
  readonly bitsPerSample: number
  /** How often the picture can be halved while decoding. */
  readonly halvings: number
}

/** Boxes of an honest file before its codestream number less than ten. */
const MAX_BOXES = 256
/** Markers of the main header likewise. */
const MAX_MARKERS = 256
/** The markers are those of ISO/IEC 15444-1, table A.1. */
const [SOC, SIZ, COD, SOT] = [0xff4f, 0xff51, 0xff52, 0xff90]
/** What the standard allows; each costs the decoder memory, however small it is. */
const MAX_TILES = 65_535

interface Boxes {
  readonly codestreamAt: number
  readonly hasPalette: boolean
}

/**
 * Reads the header of a JP2 file (ISO/IEC 15444-1) from its codestream, since that is what gets decoded. Null if it
 * is none, or of a kind that our decoder does not take: grey up to 16 bits or three colors of 8, or a palette; no
 * transparency.
 */
export function readJp2Header(bytes: Uint8Array): Jp2Header | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const boxes = readBoxes(view)
  if (boxes === null) return null
  const size = readSize(view, boxes)
  const halvings = size === null ? null : readHalvings(view, boxes.codestreamAt)
  return size === null || halvings === null ? null : { ...size, halvings }
}

function readBoxes(view: DataView): Boxes | null {
  let [at, hasPalette] = [0, false]
  for (let box = 0; box < MAX_BOXES; box++) {
    const found = boxAt(view, at)
    if (found === null) return null
    if (found.type === 'jp2c') return { codestreamAt: found.contentAt, hasPalette }
    // The header box holds boxes itself: go inside instead of past it.
    if (found.type === 'pclr') hasPalette = true
    at = found.type === 'jp2h' ? found.contentAt : found.endAt
  }
  return null
}

function boxAt(view: DataView, at: number) {
  if (at + 8 > view.byteLength) return null
  const short = view.getUint32(at)
  const type = String.fromCharCode(...[4, 5, 6, 7].map((offset) => view.getUint8(at + offset)))
  const isLong = short === 1
  if (isLong && at + 16 > view.byteLength) return null
  const length = isLong ? Number(view.getBigUint64(at + 8)) : short === 0 ? view.byteLength - at : short
  const contentAt = at + (isLong ? 16 : 8)
  return at + length < contentAt ? null : { type, contentAt, endAt: at + length }
}

function readSize(view: DataView, { codestreamAt, hasPalette }: Boxes): Omit<Jp2Header, 'halvings'> | null {
  const at = codestreamAt
  if (at + 44 > view.byteLength) return null
  if (view.getUint16(at) !== SOC || view.getUint16(at + 2) !== SIZ) return null
  const [width = 0, height = 0, left = 0, top = 0, tileWidth = 0, tileHeight = 0] = [
    8, 12, 16, 20, 24, 28,
  ].map((offset) => view.getUint32(at + offset))
  if (width === 0 || height === 0 || tileWidth === 0 || tileHeight === 0) return null
  // Our decoder gets pictures wrong that do not begin at the grid's origin; hardly any program writes them.
  if (left !== 0 || top !== 0) return null
  if (Math.ceil(width / tileWidth) * Math.ceil(height / tileHeight) > MAX_TILES) return null
  const components = view.getUint16(at + 40)
  if (components !== 1 && components !== 3) return null
  if (at + 42 + components * 3 > view.byteLength) return null
  const bitsPerSample = view.getUint8(at + 42) + 1
  if (!areSamplesTaken(view, at + 42, components)) return null
  return { width, height, channels: hasPalette ? 3 : components, components, bitsPerSample }
}

/** Sample descriptions are three bytes each: depth, and how far samples lie apart across and down. */
function areSamplesTaken(view: DataView, at: number, components: 1 | 3): boolean {
  const read = (component: number) =>
    [0, 1, 2].map((offset) => view.getUint8(at + component * 3 + offset)).join()
  const deepest = components === 1 ? 16 : 8
  // The sign is the highest bit, so signed samples are deeper than any.
  if (view.getUint8(at) + 1 > deepest || !read(0).endsWith(',1,1')) return false
  if (components === 1) return true
  const depth = view.getUint8(at)
  return read(1) === read(2) && [`${depth},1,1`, `${depth},2,1`, `${depth},2,2`].includes(read(1))
}

function readHalvings(view: DataView, codestreamAt: number): number | null {
  let at = codestreamAt + 2
  for (let marker = 0; marker < MAX_MARKERS; marker++) {
    if (at + 4 > view.byteLength) return null
    const code = view.getUint16(at)
    const length = view.getUint16(at + 2)
    if (code < 0xff00 || code === SOT || length < 2) return null
    // Scod, then progression, layers and color transform, then the number of levels.
    if (code === COD) return at + 10 > view.byteLength ? null : Math.min(view.getUint8(at + 9), 32)
    at += 2 + length
  }
  return null
}
