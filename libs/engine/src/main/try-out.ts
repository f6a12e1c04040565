import type { Pixels } from '../geometry/pixels.ts'
import { sharedPixels } from '../geometry/pixels.ts'
import type { FaceDetector } from './detect/face-detector.ts'
import type { FaceDescriber } from './face-describer.ts'
import { viewOf, wholeOf } from './views/picture-view.ts'

const SIDE_PX = 160
/** Where a face is supposed to be: the middle half. */
const BOX = { x: SIDE_PX / 4, y: SIDE_PX / 4, width: SIDE_PX / 2, height: SIDE_PX / 2 }

/**
 * Has all networks of a search look at noise, one after the other: what they see there does not count, but that they answer.
 * Rejects with what they fail with.
 */
export async function tryOut(
  { detector, describer }: { readonly detector: FaceDetector; readonly describer: FaceDescriber },
  signal: AbortSignal,
): Promise<void> {
  const pixels = noise()
  const view = viewOf(pixels, wholeOf(pixels))
  const work = { lane: 'search', ticket: 0, signal } as const
  await detector.find({ ...view, preview: pixels }, 'central', work)
  const place = { box: BOX, boxInPicture: BOX, score: 1, quarters: 0, tilt: 0, view, original: view } as const
  const located = await describer.locate(place, work)
  await describer.describePoints(located, 'cheap', work)
}

/** The same each time: a linear congruential generator (Numerical Recipes), its highest byte. */
function noise(): Pixels {
  const pixels = sharedPixels(SIDE_PX, SIDE_PX)
  let state = 1
  for (let i = 0; i < pixels.data.length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    pixels.data[i] = state >>> 24
  }
  return pixels
}
