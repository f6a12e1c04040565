import type { QualityCheck } from '../detection/quality-characteristics.ts'

/** An upper end for what has none: the longest side that a JPEG can have. */
const NO_LIMIT = 65_535

/**
 * Limits for pictures that are to be found again by, rather than to be printed: `standard` refuses faces that searches will
 * hardly find; `strict` also those that they find less often. Chosen from what `npm run evaluate -- FOLDER --quality`
 * measures, see docs/accuracy.md: size, blur and too much light cost most. Poses end where the measured photos end.
 */
export const IMPORT_QUALITY: Readonly<Record<'off' | 'standard' | 'strict', readonly QualityCheck[]>> = {
  off: [],
  standard: [
    { name: 'EyesDistance', range: [12, NO_LIMIT] },
    { name: 'BlurLevel', range: [0, 0.85] },
    { name: 'Yaw', range: [-50, 50] },
    { name: 'Pitch', range: [-40, 40] },
    { name: 'Roll', range: [-45, 45] },
    { name: 'TooLight', range: [0, 0.2] },
  ],
  strict: [
    { name: 'EyesDistance', range: [18, NO_LIMIT] },
    { name: 'BlurLevel', range: [0, 0.75] },
    { name: 'Yaw', range: [-40, 40] },
    { name: 'Pitch', range: [-30, 30] },
    { name: 'Roll', range: [-35, 35] },
    { name: 'TooDark', range: [0, 0.3] },
    { name: 'TooLight', range: [0, 0.1] },
  ],
}
