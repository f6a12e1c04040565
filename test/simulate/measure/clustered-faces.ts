/** Faces vary in far fewer directions than a descriptor has numbers, and less in each further one. */
const LATENT = 96
/** Length of what tells two pictures of a person apart, against a person's own pattern of length 1: cosines of about 0.7. */
const PICTURE_NOISE = 0.65
/** Far from every seed of a picture. */
const DIRECTIONS_SEED = 0x5eed

/**
 * Descriptors of made-up persons, each a cluster in a space of few directions, as face networks leave them. Any of them
 * is made by its numbers alone, so that a gallery of millions needs no memory here. The same on every machine.
 */
export class ClusteredFaces {
  readonly #dimensions: number
  readonly #directions: Float64Array
  readonly #spread = Float64Array.from({ length: LATENT }, (_, at) => 1 / Math.sqrt(1 + at / 8))

  constructor(dimensions: number) {
    this.#dimensions = dimensions
    this.#directions = Float64Array.from({ length: LATENT * dimensions }, normalsOf(DIRECTIONS_SEED))
  }

  /** Of unit length. Pictures are numbered from 0 for each person. */
  describe(person: number, picture: number): Float32Array {
    const noise = this.#pattern(Math.imul(person, 64) + picture + 1)
    const latent = this.#pattern(-1 - person).map((value, at) => value + PICTURE_NOISE * (noise[at] ?? 0))
    const [projected, directions, dimensions] = [
      new Float64Array(this.#dimensions),
      this.#directions,
      this.#dimensions,
    ]
    for (let from = 0; from < LATENT; from++) {
      const weight = latent[from]!
      const row = from * dimensions
      for (let to = 0; to < dimensions; to++) projected[to]! += weight * directions[row + to]!
    }
    return Float32Array.from(unit(projected))
  }

  #pattern(seed: number): Float64Array {
    const normal = normalsOf(seed)
    return unit(this.#spread.map((width) => width * normal()))
  }
}

function unit(values: Float64Array): Float64Array {
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
}

function normalsOf(seed: number): () => number {
  let state = seed | 0
  const random = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}
