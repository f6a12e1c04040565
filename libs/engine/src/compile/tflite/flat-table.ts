/** No network has so many tensors or operations. */
const MOST_TABLES = 10_000

/** A table of a FlatBuffer: fields are read by their number, as the schema counts them from 0. A field that was left
 *  out is the default. Offsets come from the file, so each read is bounded by `DataView`: it throws a RangeError
 *  where the file ends before. */
export class FlatTable {
  readonly #view: DataView
  /** Where the table begins. */
  readonly #at: number
  /** Where the list of its fields begins. */
  readonly #fields: number

  constructor(view: DataView, at: number) {
    this.#view = view
    this.#at = at
    this.#fields = at - view.getInt32(at, true)
  }

  /** The table that a file as a whole holds. Throws an error that names `source` where the identifier is another. */
  static ofFile(bytes: Uint8Array, identifier: string, source: string): FlatTable {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const found = Buffer.from(bytes.subarray(4, 8)).toString('latin1')
    if (found !== identifier) throw new Error(`${source}: this is not a file of the kind ${identifier}.`)
    return new FlatTable(view, view.getUint32(0, true))
  }

  int8(field: number): number {
    const at = this.#place(field)
    return at === null ? 0 : this.#view.getInt8(at)
  }

  int32(field: number): number {
    const at = this.#place(field)
    return at === null ? 0 : this.#view.getInt32(at, true)
  }

  table(field: number): FlatTable | null {
    const at = this.#place(field)
    return at === null ? null : new FlatTable(this.#view, this.#follow(at))
  }

  text(field: number): string {
    return Buffer.from(this.bytes(field)).toString('utf8')
  }

  /** A view into the file, not a copy. */
  bytes(field: number): Uint8Array {
    const { start, length } = this.#vector(field, 1)
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + start, length)
  }

  int32s(field: number): number[] {
    const { start, length } = this.#vector(field, 4)
    return Array.from({ length }, (_, index) => this.#view.getInt32(start + 4 * index, true))
  }

  tables(field: number): FlatTable[] {
    const { start, length } = this.#vector(field, 4)
    if (length > MOST_TABLES) throw new RangeError('a list has too many parts')
    return Array.from({ length }, (_, i) => new FlatTable(this.#view, this.#follow(start + 4 * i)))
  }

  #vector(field: number, width: number): { readonly start: number; readonly length: number } {
    const at = this.#place(field)
    if (at === null) return { start: 0, length: 0 }
    const vector = this.#follow(at)
    const length = this.#view.getUint32(vector, true)
    // Compared before anything of that length is made.
    if (length * width > this.#view.byteLength - vector - 4) {
      throw new RangeError('a list is longer than the file')
    }
    return { start: vector + 4, length }
  }

  #follow(at: number): number {
    return at + this.#view.getUint32(at, true)
  }

  /** Where the field lies, or null where it was left out. */
  #place(field: number): number | null {
    const entry = 4 + 2 * field
    if (entry >= this.#view.getUint16(this.#fields, true)) return null
    const offset = this.#view.getUint16(this.#fields + entry, true)
    return offset === 0 ? null : this.#at + offset
  }
}
