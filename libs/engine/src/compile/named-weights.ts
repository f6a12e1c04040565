/** Numbers with their shape, row-major. */
export type WeightTensor = { readonly dims: readonly number[]; readonly data: Float32Array }

/** The weights of one network by name. Each is taken once and all must be taken: a name that is missing or left
 *  over means that the package's network is not the one this compiler was written for. */
export class NamedWeights {
  readonly #source: string
  readonly #left: Map<string, WeightTensor>

  constructor(source: string, tensors: ReadonlyMap<string, WeightTensor>) {
    this.#source = source
    this.#left = new Map(tensors)
  }

  /** Throws when the name is unknown or was taken before. */
  take(name: string): WeightTensor {
    const tensor = this.#left.get(name)
    if (tensor === undefined)
      throw new Error(`${this.#source}: there is no weight '${name}', or it was used before.`)
    this.#left.delete(name)
    return tensor
  }

  /** Marks weights as known and not wanted, such as constants of the training graph's pre-processing. */
  discard(names: readonly string[]): void {
    for (const name of names) this.take(name)
  }

  /** Throws when a weight was neither taken nor discarded. */
  assertUsedUp(): void {
    if (this.#left.size === 0) return
    const names = [...this.#left.keys()].join(', ')
    throw new Error(`${this.#source}: ${this.#left.size} weights were not used: ${names}.`)
  }
}
