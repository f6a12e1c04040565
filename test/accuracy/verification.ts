import { cosineOf } from '@semblance/core'
import type { PhotoDescriptors } from './describe-photos.ts'
import type { LfwSet } from './lfw-set.ts'

const FOLDS = 10

interface Comparison {
  readonly isMated: boolean
  readonly score: number
}

/**
 * Share of the set's pairs that are told right, each fold with the threshold that does best on the nine others.
 * A pair with a photo in which no face was found counts as told wrong if it is mated.
 */
export function verificationAccuracy(set: LfwSet, { cheap }: PhotoDescriptors): number {
  const comparisons = set.pairs.map(({ one, other, isMated }) => {
    const [a, b] = [cheap.get(one.path) ?? null, cheap.get(other.path) ?? null]
    return { isMated, score: a === null || b === null ? Number.NEGATIVE_INFINITY : cosineOf(a, b) }
  })
  let right = 0
  for (let fold = 0; fold < FOLDS; fold++) {
    const others = comparisons.filter((_, index) => index % FOLDS !== fold)
    const threshold = bestThreshold(others)
    right += rightAt(
      comparisons.filter((_, index) => index % FOLDS === fold),
      threshold,
    )
  }
  return right / comparisons.length
}

function bestThreshold(comparisons: readonly Comparison[]): number {
  let best = { threshold: 0, right: -1 }
  for (const { score } of comparisons) {
    const right = rightAt(comparisons, score)
    if (right > best.right) best = { threshold: score, right }
  }
  return best.threshold
}

function rightAt(comparisons: readonly Comparison[], threshold: number): number {
  return comparisons.filter(({ isMated, score }) => score >= threshold === isMated).length
}
