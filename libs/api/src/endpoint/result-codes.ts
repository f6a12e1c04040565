/** The members of the contract's FaceSDKResultCode that we answer. */
export const RESULT_CODES = {
  ok: 0,
  /** None was sent, or the one behind a link cannot be had. */
  noPicture: 1,
  noFace: 2,
  undecodable: 6,
  badRequest: 203,
  tooFewPictures: 224,
  /** Nobody was made of a face that the request's gate refuses. */
  lowQuality: 231,
  /** No two faces were there to be compared. */
  notMatched: 237,
  tooManyPictures: 238,
} as const
