import type { QualityCheck } from '../detection/quality-characteristics.ts'

/** An upper end for what has none: the longest side that a JPEG can have. */
const NO_LIMIT = 65_535

/**
 * Limits for pictures that are to be found again by, rather than to be printed: `standard` refuses faces that are too small,
 * too blurred or turned too far away to be described well; `strict` asks for what a good portrait has. The values are ours;
 * see docs/quality.md.
 */
export const IMPORT_QUALITY: Readonly<Record<'off' | 'standard' | 'strict', readonly QualityCheck[]>> = {
  off: [],
  standard: [
    { name: 'EyesDistance', range: [20, NO_LIMIT] },
    { name: 'BlurLevel', range: [0, 0.8] },
    { name: 'Yaw', range: [-45, 45] },
    { name: 'Pitch', range: [-40, 40] },
  ],
  strict: [
    { name: 'EyesDistance', range: [40, NO_LIMIT] },
    { name: 'BlurLevel', range: [0, 0.65] },
    { name: 'Yaw', range: [-20, 20] },
    { name: 'Pitch', range: [-20, 20] },
    { name: 'TooDark', range: [0, 0.1] },
    { name: 'TooLight', range: [0, 0.1] },
  ],
}
