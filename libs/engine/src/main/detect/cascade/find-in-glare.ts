import { facesAmong, type JudgedBox } from '../../../faces/judged-box.ts'
import { type Pixels, sharedPixels } from '../../../geometry/pixels.ts'
import type { CascadeDetector } from '../../../packs/pack-manifest.ts'
import type { Inference } from '../../inference.ts'
import type { TaskWork } from '../../pool/thread-pool.ts'
import type { TonedPixels, WholeView } from '../../views/picture-view.ts'

/** So many pixels tell the share well enough, and cost the event loop nothing. */
const SAMPLES = 20_000

/** Cut off, but for what a JPEG makes of it. */
const ALL_BUT_WHITE = 250

/** The share of pixels of which one color at least is all but white. */
export function glareOf({ data, width, height }: Pixels): number {
  // Odd, so that no column of a picture of even width is looked at alone.
  const step = 2 * Math.floor((width * height) / SAMPLES / 2) + 1
  let [white, samples] = [0, 0]
  for (let at = 0; at < data.length; at += 3 * step, samples++) {
    if (Math.max(data[at] ?? 0, data[at + 1] ?? 0, data[at + 2] ?? 0) >= ALL_BUT_WHITE) white++
  }
  return white / Math.max(1, samples)
}

/** The whole picture as `dimPixels` shows it; the threads make it. */
export async function dimmed(
  { pixels, preview }: WholeView,
  inference: Inference,
  work: TaskWork,
): Promise<TonedPixels> {
  const tone = async (picture: Pixels): Promise<Pixels> => {
    const into = sharedPixels(picture.width, picture.height)
    await inference.run({ kind: 'dim', picture, into }, work)
    return into
  }
  const [dim, dimPreview] = await Promise.all([tone(pixels), preview === pixels ? null : tone(preview)])
  return { pixels: dim, preview: dimPreview ?? dim, tone }
}

interface GlareSearch {
  readonly whole: WholeView
  readonly work: TaskWork
}

/** Where nobody was seen and much is white, too much light may hide somebody. Null: it does not. Boxes are those of the pixels. */
export async function findInGlare(
  { whole, work }: GlareSearch,
  { inference, detector }: { readonly inference: Inference; readonly detector: CascadeDetector },
): Promise<{ readonly faces: readonly JudgedBox[]; readonly dimmed: TonedPixels } | null> {
  const { glare } = detector
  if (glare === undefined || glareOf(whole.preview) < glare.share) return null
  const toned = await dimmed(whole, inference, work)
  const { pixels: picture, preview } = toned
  const { looks, minLogit } = glare
  const step = { looks, minLogit, known: [], quarters: 0 } as const
  const faces = facesAmong(await inference.run({ kind: 'cascade', picture, preview, step }, work), minLogit)
  return faces.length === 0 ? null : { faces, dimmed: toned }
}
