/** Pixels of a face as it is shown, in the proportions of an ID photo. */
export const FACE_PX = { width: 144, height: 192 } as const

/** Asks the server to cut a face out like this (`crop.type` 0 is 3:4). */
export const FACE_CROP = { crop: { type: 0, size: [FACE_PX.width, FACE_PX.height] } } as const
