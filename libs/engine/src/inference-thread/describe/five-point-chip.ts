import type { FivePoints } from '@semblance/core'
import { fitSimilarity, invertSimilarity, type Similarity } from '../../geometry/similarity.ts'
import type { Chip } from '../../packs/pack-manifest.ts'

export type FivePointChip = Extract<Chip, { kind: 'five-points' }>

/** The map from chip to picture. It is fitted from picture to chip, as ArcFace does. */
export function fivePointChipToPicture(points: FivePoints, chip: FivePointChip): Similarity {
  const template = chip.template.map(([x, y]) => ({ x, y }))
  return invertSimilarity(fitSimilarity(points, template))
}
