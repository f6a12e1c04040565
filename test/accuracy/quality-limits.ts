import type { FaceEngine } from '@semblance/core'
import { DEGRADATIONS } from './degradations.ts'
import { type JudgedPhoto, type JudgingPlan, judgePhotos, NATURAL, PICTURES } from './judged-photos.ts'

/** What the limits of imports do to photos of one kind. */
export interface LimitFigures {
  readonly kind: string
  readonly photos: number
  /** Shares of the photos with a face. */
  readonly withoutFace: number
  readonly refused: { readonly standard: number; readonly strict: number }
  /** Which characteristic refused most of them; null: none did. */
  readonly mostly: { readonly standard: string | null; readonly strict: string | null }
  /** Share of searches with another photo of the person that lie beyond distance 1; null: nobody can tell. */
  readonly fnir: {
    readonly off: number | null
    readonly standard: number | null
    readonly strict: number | null
  }
}

interface LimitReport {
  readonly figures: readonly LimitFigures[]
  readonly photos: readonly JudgedPhoto[]
}

/** Measures what `standard` and `strict` refuse, and what is found of what they take. */
export async function measureLimits(engine: FaceEngine, plan: JudgingPlan): Promise<LimitReport> {
  const photos = await judgePhotos(engine, plan)
  return { figures: figuresByKind(photos, engine.calibration.richCheap), photos }
}

function figuresByKind(photos: readonly JudgedPhoto[], threshold: number): readonly LimitFigures[] {
  const kinds = [NATURAL, PICTURES, ...Object.keys(DEGRADATIONS)]
  const byKind = Map.groupBy(photos, ({ kind }) => kind)
  return kinds.flatMap((kind) => {
    const own = byKind.get(kind)
    return own === undefined ? [] : [figuresOf(kind, own, threshold)]
  })
}

function figuresOf(kind: string, photos: readonly JudgedPhoto[], threshold: number): LimitFigures {
  const faces = photos.filter(({ values }) => values !== null)
  const refusedBy = (level: 'standard' | 'strict') => faces.filter((photo) => photo[level] !== null)
  const fnir = (taken: readonly JudgedPhoto[]) => {
    const searched = taken.flatMap(({ mate }) => (mate === null ? [] : [mate]))
    const missed = searched.filter((cosine) => cosine < threshold).length
    return searched.length === 0 ? null : missed / searched.length
  }
  return {
    kind,
    photos: photos.length,
    withoutFace: 1 - faces.length / photos.length,
    refused: {
      standard: refusedBy('standard').length / faces.length,
      strict: refusedBy('strict').length / faces.length,
    },
    mostly: {
      standard: mostFrequent(faces.map(({ standard }) => standard)),
      strict: mostFrequent(faces.map(({ strict }) => strict)),
    },
    fnir: {
      off: fnir(faces),
      standard: fnir(faces.filter(({ standard }) => standard === null)),
      strict: fnir(faces.filter(({ strict }) => strict === null)),
    },
  }
}

function mostFrequent(names: readonly (string | null)[]): string | null {
  const counted = Map.groupBy(
    names.filter((name) => name !== null),
    (name) => name,
  )
  const [first] = [...counted].toSorted(([, a], [, b]) => b.length - a.length)
  return first?.[0] ?? null
}

/** As a table of Markdown, for docs/imports.md. */
export function limitTable(figures: readonly LimitFigures[]): string {
  const titles = ['photos', 'number', 'no face', 'standard refuses', 'strict refuses']
  const head = [...titles, 'FNIR of all', 'of those standard takes', 'of those strict takes']
  const lines = figures.map(({ kind, photos, withoutFace, refused, mostly, fnir }) => [
    kind,
    String(photos),
    percent(withoutFace),
    withReason(refused.standard, mostly.standard),
    withReason(refused.strict, mostly.strict),
    ...[fnir.off, fnir.standard, fnir.strict].map((share) => (share === null ? '' : percent(share))),
  ])
  return [head, head.map(() => '---'), ...lines].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}

function withReason(share: number, name: string | null): string {
  return name === null ? percent(share) : `${percent(share)} (${name})`
}

function percent(share: number): string {
  return Number.isNaN(share) ? '' : `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`
}
