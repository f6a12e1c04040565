/**
 * A network gave what no face can come of: fewer numbers than its pack says, or such as are none. It is a fault of the network
 * (damaged weights, a broken processor), never an answer: nobody is told that there is no face, and nothing is stored.
 */
export class UnsoundOutput extends Error {
  readonly network: string
  readonly what: string

  /** @param what for instance `does not give 136 numbers for a face` */
  constructor(network: string, what: string, packId?: string) {
    super(`network ${network}${packId === undefined ? '' : ` of model pack ${packId}`} ${what}`)
    this.name = 'UnsoundOutput'
    this.network = network
    this.what = what
  }

  /** The same fault, told with the pack's name. */
  of(packId: string): UnsoundOutput {
    return new UnsoundOutput(this.network, this.what, packId)
  }
}

/**
 * The same values, if there are so many and all are finite; else throws `UnsoundOutput`.
 * @param wanted `each` for instance `136 numbers for a face`
 */
export function soundOutput(
  values: Float32Array,
  wanted: { readonly network: string; readonly count: number; readonly each: string },
): Float32Array {
  const { network, count, each } = wanted
  if (values.length !== count) throw new UnsoundOutput(network, `does not give ${each}, as its pack says`)
  if (!values.every(Number.isFinite))
    throw new UnsoundOutput(network, `does not give ${each}, but some that are not finite`)
  return values
}
