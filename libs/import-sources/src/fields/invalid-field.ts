/** Thrown within a reader for a field that is wrong; the reader makes a problem of it. Never leaves this lib. */
export class InvalidField extends Error {
  readonly field: string

  /** `message` follows the field's name and has no value in it. */
  constructor(field: string, message: string) {
    super(message)
    this.field = field
  }
}
