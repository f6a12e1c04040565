import type { Descriptor, GroupId, ImageId, IndexEntry, PackId, PersonId } from '@semblance/core'

export interface ClusteredGallery {
  readonly entries: readonly IndexEntry[]
  /** A group of about that share of the persons, 0..1. */
  readonly groups: ReadonlyMap<number, GroupId>
  /** New pictures of enrolled persons. */
  readonly probes: readonly Descriptor[]
}

export interface ClusteredGalleryShape {
  readonly packId: PackId
  readonly dimensions: number
  readonly persons: number
  readonly imagesPerPerson: number
  readonly probes: number
  /** Shares of the persons to make groups of. */
  readonly shares: readonly number[]
}

/** Faces vary in far fewer directions than a descriptor has numbers, and less in each further one. */
const LATENT = 96
/** Length of what tells two pictures of a person apart, against a person's own pattern of length 1: cosines of about 0.7. */
const PICTURE_NOISE = 0.65

/**
 * Persons as clusters in a space of few directions, as face networks leave them. Vectors of independent random numbers
 * would be almost orthogonal, with no near strangers to rank. The same on every machine.
 */
export function aClusteredGallery(shape: ClusteredGalleryShape): ClusteredGallery {
  const random = randomOf(7)
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const spread = Float64Array.from({ length: LATENT }, (_, at) => 1 / Math.sqrt(1 + at / 8))
  const directions = Float64Array.from({ length: LATENT * shape.dimensions }, normal)
  const pattern = () => unit(Float64Array.from(spread, (width) => width * normal()))
  const describe = (person: Float64Array): Descriptor => {
    const noise = pattern()
    const latent = Float64Array.from(person, (value, at) => value + PICTURE_NOISE * (noise[at] ?? 0))
    return { packId: shape.packId, values: Float32Array.from(unit(project(latent, directions, shape))) }
  }
  const groups = new Map(shape.shares.map((share, at) => [share, testUuid<GroupId>(3, at)]))
  const persons = Array.from({ length: shape.persons }, pattern)
  const entries = persons.flatMap((person, at) => {
    const member = [...groups].filter(([share]) => random() < share).map(([, group]) => group)
    const payload = {
      personId: testUuid<PersonId>(1, at),
      groups: member,
      name: 'Ada',
      externalId: null,
      rev: 1,
    }
    return Array.from({ length: shape.imagesPerPerson }, (_, picture) => ({
      imageId: testUuid<ImageId>(2, at * shape.imagesPerPerson + picture),
      descriptor: describe(person),
      payload,
    }))
  })
  const probes = Array.from({ length: shape.probes }, () =>
    describe(persons[Math.floor(random() * persons.length)] as Float64Array),
  )
  return { entries, groups, probes }
}

function project(
  latent: Float64Array,
  directions: Float64Array,
  { dimensions }: ClusteredGalleryShape,
): Float64Array {
  const projected = new Float64Array(dimensions)
  for (let from = 0; from < LATENT; from++)
    for (let to = 0; to < dimensions; to++)
      projected[to] = (projected[to] ?? 0) + (latent[from] ?? 0) * (directions[from * dimensions + to] ?? 0)
  return projected
}

function unit(values: Float64Array): Float64Array {
  const length = Math.hypot(...values)
  return values.map((value) => value / length)
}

function testUuid<Id extends string>(kind: number, at: number): Id {
  return `01900000-0000-7000-8000-${kind}${at.toString(16).padStart(11, '0')}` as Id
}

/** Mulberry32: 0 <= x < 1, the whole state in one 32 bit number. */
function randomOf(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
