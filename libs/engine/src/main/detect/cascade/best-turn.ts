import type { JudgedBox } from '../../../faces/judged-box.ts'
import type { Quarters } from '../../../geometry/quarters.ts'

/** The faces of a picture that are turned alike. */
export interface TurnedFaces {
  readonly faces: readonly JudgedBox[]
  readonly quarters: Quarters
}

/** Of several turns the one of the highest value; the first of equals. */
export function bestTurn<T extends TurnedFaces>(turns: readonly T[], rate: (turn: T) => number): T {
  const [first, ...others] = turns
  if (first === undefined) throw new RangeError('no turn to choose from')
  return others.reduce((best, turn) => (rate(turn) > rate(best) ? turn : best), first)
}

/** Minus infinity without faces. */
export function highestLogit({ faces }: Pick<TurnedFaces, 'faces'>): number {
  return Math.max(...faces.map(({ logit }) => logit))
}
