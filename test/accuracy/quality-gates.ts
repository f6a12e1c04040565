import { cosineOf, QUALITY_GATES } from '@semblance/core'
import type { RatedFace } from './quality-bands.ts'

export interface GateFigures {
  readonly gate: 'standard' | 'strict'
  /** The lowest quality that is taken. */
  readonly limit: number
  /** Shares that are refused of photos as they are, and of those that were made worse. */
  readonly refused: { readonly clean: number; readonly worse: number }
  /** Of the pairs with a refused photo that was made worse, and with one that was taken, those beyond the operating point. */
  readonly fnir: { readonly refused: number; readonly taken: number }
}

/** What the gates refuse by `faceQuality` alone, and how many of those would have been found by a good photo of the person. */
export function judgeGates(faces: readonly RatedFace[], operatingPoint: number): readonly GateFigures[] {
  const enrolled = new Map(faces.flatMap((face) => (face.role === 'gallery' ? [[face.person, face]] : [])))
  const clean = faces.filter(({ kind }) => kind === 'clean')
  const worse = faces.flatMap((face) => {
    const own = enrolled.get(face.person)
    if (face.role !== 'probe' || face.kind === 'clean' || own === undefined) return []
    return [{ quality: face.quality, isMiss: cosineOf(face.descriptor, own.descriptor) < operatingPoint }]
  })
  return (['standard', 'strict'] as const).map((gate) => {
    const [limit] = QUALITY_GATES[gate].find(({ name }) => name === 'faceQuality')?.range ?? [0]
    const isRefused = ({ quality }: { readonly quality: number }) => quality < limit
    const [refused, taken] = [worse.filter(isRefused), worse.filter((pair) => !isRefused(pair))]
    const missed = (pairs: typeof worse) => pairs.filter(({ isMiss }) => isMiss).length / pairs.length
    return {
      gate,
      limit,
      refused: {
        clean: clean.filter(isRefused).length / clean.length,
        worse: refused.length / worse.length,
      },
      fnir: { refused: missed(refused), taken: missed(taken) },
    }
  })
}
