import type { Point } from '@semblance/core'
import { type FacePoints, pointAt } from '../../faces/face-points.ts'
import { fitSimilarity, type Similarity } from '../../geometry/similarity.ts'
import type { Chip } from '../../packs/pack-manifest.ts'

/** The number of `MEAN_FACE`'s first point in the 68-point scheme. */
const FIRST_POINT = 17

/** dlib's mean face, points 17 to 67, as x, y in fractions of the chip without padding. */
const MEAN_FACE: readonly (readonly [number, number])[] = [
  [0.000213256, 0.106454],
  [0.0752622, 0.038915],
  [0.18113, 0.0187482],
  [0.29077, 0.0344891],
  [0.393397, 0.0773906],
  [0.586856, 0.0773906],
  [0.689483, 0.0344891],
  [0.799124, 0.0187482],
  [0.904991, 0.038915],
  [0.98004, 0.106454],
  [0.490127, 0.203352],
  [0.490127, 0.307009],
  [0.490127, 0.409805],
  [0.490127, 0.515625],
  [0.36688, 0.587326],
  [0.426036, 0.609345],
  [0.490127, 0.628106],
  [0.554217, 0.609345],
  [0.613373, 0.587326],
  [0.121737, 0.216423],
  [0.187122, 0.178758],
  [0.265825, 0.179852],
  [0.334606, 0.231733],
  [0.260918, 0.245099],
  [0.182743, 0.244077],
  [0.645647, 0.231733],
  [0.714428, 0.179852],
  [0.793132, 0.178758],
  [0.858516, 0.216423],
  [0.79751, 0.244077],
  [0.719335, 0.245099],
  [0.254149, 0.780233],
  [0.340985, 0.745405],
  [0.428858, 0.727388],
  [0.490127, 0.742578],
  [0.551395, 0.727388],
  [0.639268, 0.745405],
  [0.726104, 0.780233],
  [0.642159, 0.864805],
  [0.556721, 0.902192],
  [0.490127, 0.909281],
  [0.423532, 0.902192],
  [0.338094, 0.864805],
  [0.290379, 0.784792],
  [0.428096, 0.778746],
  [0.490127, 0.785343],
  [0.552157, 0.778746],
  [0.689874, 0.784792],
  [0.553364, 0.824182],
  [0.490127, 0.831803],
  [0.42689, 0.824182],
]

export type DlibChip = Extract<Chip, { kind: 'dlib-mean-face' }>

/** The map from chip to picture, the way round that dlib fits it. */
export function dlibChipToPicture(points: FacePoints, chip: DlibChip): Similarity {
  const fitted = chip.fitted.flatMap(([from, to]) =>
    Array.from({ length: to - from + 1 }, (_, i) => from + i),
  )
  return fitSimilarity(
    fitted.map((point) => onChip(point, chip)),
    fitted.map((point) => pointAt(points, point)),
  )
}

function onChip(point: number, { padding, side }: DlibChip): Point {
  const [x, y] = MEAN_FACE[point - FIRST_POINT] ?? [0, 0]
  const scale = side / (1 + 2 * padding)
  return { x: (padding + x) * scale, y: (padding + y) * scale }
}
