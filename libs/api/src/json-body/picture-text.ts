/** Stands in the place of a picture's Base64 text, once the text was decoded as it came in. */
export class PictureText {
  /** Null: the text was not Base64. */
  readonly bytes: Uint8Array | null

  constructor(bytes: Uint8Array | null) {
    this.bytes = bytes
  }
}
