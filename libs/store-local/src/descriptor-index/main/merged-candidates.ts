import type { Candidate, CandidatePerson, IndexProbe, PersonId } from '@semblance/core'

/** What the parts of the gallery answer to several probes, put together. */
export class MergedCandidates {
  readonly probes: readonly IndexProbe[]
  readonly #best: readonly Map<PersonId, Candidate>[]

  constructor(probes: readonly IndexProbe[]) {
    this.probes = probes
    this.#best = probes.map(() => new Map())
  }

  /** What one more part answers to the probe at this place. */
  add(at: number, persons: readonly CandidatePerson[]): void {
    const best = this.#best[at]
    for (const { personId, images } of persons) {
      const [image] = images
      const known = best?.get(personId)
      if (image !== undefined && (known === undefined || isBetter(image, known))) best?.set(personId, image)
    }
  }

  /** By probe, best first. */
  best(limit: number): readonly (readonly CandidatePerson[])[] {
    return this.#best.map((persons) =>
      [...persons.values()]
        .toSorted((a, b) => b.cosine - a.cosine || compareText(a.personId, b.personId))
        .slice(0, limit)
        .map((image) => ({ personId: image.personId, images: [image] })),
    )
  }
}

function isBetter(one: Candidate, other: Candidate): boolean {
  if (one.cosine !== other.cosine) return one.cosine > other.cosine
  return one.imageId < other.imageId
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
