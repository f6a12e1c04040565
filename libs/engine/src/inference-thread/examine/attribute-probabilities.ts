import type { FacePoints, Landmarks } from '../../faces/face-points.ts'
import type { Pixels } from '../../geometry/pixels.ts'
import type { AttributeNetwork } from '../../packs/pack-manifest.ts'
import { cutChips } from '../describe/chips.ts'
import { chipToPicture } from '../describe/describe-part.ts'
import { soundOutput } from '../unsound-output.ts'

export interface LoadedAttribute {
  readonly settings: AttributeNetwork
  readonly landmarks: Pick<Landmarks, 'fivePoints'>
  /** One run over a batch of chips: probabilities row by row. */
  readonly run: (chips: { readonly planes: Float32Array; readonly count: number }) => Promise<Float32Array>
}

const UPRIGHT = [{ dx: 0, dy: 0, scale: 1, rotation: 0 }]

/** What the network says of a face, the mean over its chip and the mirror image. */
export async function attributeProbabilities(
  picture: Pixels,
  points: FacePoints,
  { settings, landmarks, run }: LoadedAttribute,
): Promise<Float32Array> {
  const { chip, mirrored } = settings
  const toPicture = chipToPicture(points, { chip, landmarks })
  const chips = cutChips(picture, { toPicture, side: chip.side }, { views: UPRIGHT, mirrored })
  const given = await run(chips)
  const width = Math.max(1, Math.floor(given.length / chips.count))
  const wanted = { network: settings.role, count: width * chips.count, each: 'as many numbers for each chip' }
  const rows = soundOutput(given, wanted)
  const means = new Float32Array(width)
  for (const [at, value] of rows.entries()) means[at % width] = (means[at % width] ?? 0) + value / chips.count
  return means
}
