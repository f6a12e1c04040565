import { engineOptionsOf, engineSettings, packSettings } from '@semblance/config'
import {
  bySearchDistance,
  type Calibration,
  cosineAt,
  evaluateOpenSet,
  type OpenSetFigures,
} from '@semblance/core'
import { openOnnxFaceEngine, openPack } from '@semblance/engine'
import { say } from '@semblance/telemetry'
import { z } from 'zod'
import { EXIT } from '../command/exit-codes.ts'
import { openProgress } from '../command/progress.ts'
import { readEnvironment } from '../command/read-environment.ts'
import type { CommandResult } from '../command/server-action.ts'
import { tableLines } from '../command/table.ts'
import { evaluationLines } from './evaluation-lines.ts'
import {
  describeLabelled,
  type LabelledPhotos,
  LEAST_ALBUMS,
  requireAlbums,
  tooFew,
} from './labelled-photos.ts'

const schema = z.object({ ...packSettings, ...engineSettings })

interface Evaluating {
  /** False positive rates to look at. */
  readonly points: readonly number[]
  readonly signal: AbortSignal
}

/** Figures of the pack that the environment names, on the photos of a folder. */
export async function evaluateFolder(folder: string, { points, signal }: Evaluating): Promise<CommandResult> {
  const total = await requireAlbums(folder, signal)
  const engine = await openEngine(signal)
  const progress = openProgress('photos')
  try {
    const photos = await describeLabelled(folder, { engine, progress, signal, total })
    progress.stop()
    requireEnough(folder, photos)
    const { calibration } = engine
    return tell({ photos, figures: figuresOf(photos, calibration), points, calibration })
  } finally {
    progress.stop()
    await engine.close()
  }
}

/** By the rule of the server's searches, so that a threshold found here is one there. */
function figuresOf(
  { enrolled, mated, nonMated }: Pick<LabelledPhotos, 'enrolled' | 'mated' | 'nonMated'>,
  calibration: Calibration,
): OpenSetFigures {
  const nearnessTo = bySearchDistance(calibration)
  return evaluateOpenSet({ enrolled, mated, nonMated, leavesMatesOut: true, nearnessTo })
}

async function openEngine(signal: AbortSignal) {
  const config = readEnvironment(schema)
  const pack = await openPack({
    packsFolder: config.SEMBLANCE_PACKS,
    modelsFolder: config.SEMBLANCE_MODELS,
    packId: config.SEMBLANCE_PACK,
    signal,
    onProgress: ({ action, file }) => {
      if (action === 'compile') say(`compiling ${file}`)
    },
  })
  return openOnnxFaceEngine({ pack, ...engineOptionsOf(config), observe: () => {}, onWarning: say })
}

function requireEnough(folder: string, { enrolled, mated }: LabelledPhotos): void {
  const persons = enrolled.filter(({ descriptor }) => descriptor !== null).length
  if (persons < LEAST_ALBUMS || mated.length === 0) throw tooFew(folder, persons)
}

interface Told {
  readonly photos: LabelledPhotos
  readonly figures: OpenSetFigures
  readonly points: readonly number[]
  readonly calibration: Calibration
}

function tell({ photos, figures, points, calibration }: Told): CommandResult {
  const { enrolled, mated, withoutFace, unreadable } = photos
  const counts = {
    photos: photos.photos,
    withoutFace: withoutFace.length,
    unreadable: unreadable.length,
    persons: photos.persons,
    enrolled: enrolled.filter(({ descriptor }) => descriptor !== null).length,
    matedSearches: mated.length,
    nonMatedSearches: figures.nonMatedSearches,
  }
  const rows = points.map((fpir) => {
    const nearness = figures.thresholdAt(fpir)
    const isKnown = nearness !== null && Number.isFinite(nearness)
    const threshold = isKnown ? Math.abs(nearness) : null
    return {
      fpir,
      threshold,
      // Where one of both faces is good.
      cosine: threshold === null ? null : cosineAt(threshold, calibration.richCheap),
      fnir: isKnown ? figures.fnirAt(fpir) : null,
    }
  })
  const left = { withoutFace, unreadable }
  return {
    json: JSON.stringify({ ...counts, rank1: figures.rank1, points: rows, files: left }),
    lines: [
      ...evaluationLines(counts, left),
      '',
      ...pointLines(rows),
      '',
      `Rank-1: ${percent(figures.rank1)}`,
    ],
    exitCode: withoutFace.length + unreadable.length > 0 ? EXIT.found : EXIT.fine,
  }
}

const COLUMNS = ['FPIR', 'threshold', 'FNIR'].map((title) => ({ title, align: 'right' as const }))

function pointLines(
  points: readonly {
    readonly fpir: number
    readonly threshold: number | null
    readonly fnir: number | null
  }[],
): readonly string[] {
  const rows = points.map(({ fpir, threshold, fnir }) => [
    percent(fpir),
    threshold === null ? 'too few searches' : threshold.toFixed(3),
    fnir === null ? '' : percent(fnir),
  ])
  return tableLines(COLUMNS, rows)
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`
}
