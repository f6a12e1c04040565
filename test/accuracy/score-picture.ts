import { cosineAt, cosineOf, similarityOf } from '@semblance/core'
import type { SeenPhoto } from './damaged-photos.ts'

/** Width of a column of the histograms, as a cosine. */
const COLUMN = 0.02
const FROM = -0.3
const COLUMNS = Math.round((1 - FROM) / COLUMN)
/** Pixels: the plot, and the place of the three scales below it. */
const [LEFT, RIGHT, TOP, BOTTOM] = [20, 700, 34, 190]
const SCALES = { cosine: 214, distance: 248, similarity: 282 } as const
const DISTANCES = [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5, 1.75]

/**
 * How alike photos of one person are and those of two people, over the three scales, as SVG: of the photos as they are, each
 * distribution by its own highest column.
 */
export function drawScores(photos: readonly SeenPhoto[], operatingPoint: number): string {
  const clean = photos.flatMap(({ person, kind, face }) =>
    kind === 'clean' && face !== null ? [{ person, values: face.descriptor }] : [],
  )
  const [mated, strangers] = [new Float64Array(COLUMNS), new Float64Array(COLUMNS)]
  for (const [at, one] of clean.entries())
    for (const other of clean.slice(at + 1)) {
      const table = one.person === other.person ? mated : strangers
      const column = Math.floor((cosineOf(one.values, other.values) - FROM) / COLUMN)
      if (column >= 0) table[Math.min(column, COLUMNS - 1)]! += 1
    }
  const pairs = (table: Float64Array) => table.reduce((sum, count) => sum + count, 0).toLocaleString('en')
  const x0 = xOf(operatingPoint)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 300" font-family="sans-serif" font-size="12">`,
    '<title>How alike photos of one person and of two people are, on three scales</title>',
    `<style>text{fill:#222}.l{stroke:#777}.p{stroke:#222;stroke-dasharray:4 3}.s{fill:#c2571a}.m{fill:#1f6fb5}path{fill-opacity:.45}`,
    `@media (prefers-color-scheme:dark){text{fill:#ddd}.l{stroke:#999}.p{stroke:#ddd}.s{fill:#f0975a}.m{fill:#6db3f2}}</style>`,
    `<path class="s" d="${areaOf(strangers)}"/>`,
    `<path class="m" d="${areaOf(mated)}"/>`,
    `<text x="${LEFT}" y="16">two people (${pairs(strangers)} pairs)</text>`,
    `<text x="${RIGHT}" y="16" text-anchor="end">one person (${pairs(mated)} pairs)</text>`,
    `<line class="p" x1="${x0}" x2="${x0}" y1="${TOP - 8}" y2="${BOTTOM + 6}"/>`,
    `<text x="${x0}" y="${TOP - 12}" text-anchor="middle">operating point</text>`,
    ...scale(
      'cosine',
      COSINES.map((cosine) => [cosine, String(cosine)]),
    ),
    ...scale(
      'distance',
      DISTANCES.map((distance) => [cosineAt(distance, operatingPoint), String(distance)]),
    ),
    ...scale(
      'similarity',
      DISTANCES.map((distance) => [
        cosineAt(distance, operatingPoint),
        String(Number(similarityOf(distance).toFixed(3))),
      ]),
    ),
    '</svg>',
    '',
  ].join('\n')
}

const COSINES = [-0.2, 0, 0.2, 0.4, 0.6, 0.8, 1]

function xOf(cosine: number): number {
  return Math.round(LEFT + ((cosine - FROM) / (1 - FROM)) * (RIGHT - LEFT))
}

function areaOf(table: Float64Array): string {
  const highest = Math.max(...table)
  const steps = [...table].map((count, column) => {
    const y = Math.round(BOTTOM - (count / highest) * (BOTTOM - TOP))
    return `L${xOf(FROM + column * COLUMN)} ${y}H${xOf(FROM + (column + 1) * COLUMN)}`
  })
  return `M${LEFT} ${BOTTOM}${steps.join('')}V${BOTTOM}Z`
}

function scale(
  name: keyof typeof SCALES,
  marks: readonly (readonly [cosine: number, text: string])[],
): readonly string[] {
  const y = SCALES[name]
  const shown = marks.filter(([cosine]) => cosine > FROM + 0.15 || name === 'cosine')
  return [
    `<line class="l" x1="${LEFT}" x2="${RIGHT}" y1="${y - 18}" y2="${y - 18}"/>`,
    `<text x="${LEFT}" y="${y}">${name}</text>`,
    ...shown
      .filter(([cosine]) => xOf(cosine) > LEFT + 70)
      .map(
        ([cosine, text]) =>
          `<line class="l" x1="${xOf(cosine)}" x2="${xOf(cosine)}" y1="${y - 18}" y2="${y - 13}"/><text x="${xOf(cosine)}" y="${y}" text-anchor="middle">${text}</text>`,
      ),
  ]
}
