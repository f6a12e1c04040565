import type { PhotoDescriptors } from './describe-photos.ts'
import { type MeasuredTail, measureTails } from './impostor-tails.ts'
import type { LfwSet } from './lfw-set.ts'
import { checkTargets, type KeptTarget } from './target-check.ts'

const SIZES = [100, 1000, Number.POSITIVE_INFINITY]

/** What `npm run evaluate -- FOLDER --tails` prints: `impostorTails` for pack.json, and how targets are kept. */
export function tailReport(set: LfwSet, found: PhotoDescriptors): string {
  const tails = measureTails(set, found)
  const targets = checkTargets(set, found, { tail: tails.richCheap.tail, sizes: SIZES })
  const half = checkOnOtherHalf(set, found)
  return [
    JSON.stringify(manifestPart(tails), null, 2),
    '',
    'Tails and galleries of the same people:',
    targetTable(targets),
    '',
    'Tails of one half of the people, galleries and probes of the other:',
    targetTable(half),
  ].join('\n')
}

function checkOnOtherHalf(set: LfwSet, found: PhotoDescriptors): readonly KeptTarget[] {
  const people = [...new Set([...set.enrolled, ...set.nonMated].map(({ person }) => person))].toSorted()
  const half = new Set(people.filter((_, at) => at % 2 === 0))
  const { richCheap } = measureTails(
    ofPeople(set, (person) => half.has(person)),
    found,
  )
  const others = ofPeople(set, (person) => !half.has(person))
  return checkTargets(others, found, { tail: richCheap.tail, sizes: [100, Number.POSITIVE_INFINITY] })
}

function ofPeople(set: LfwSet, isOf: (person: string) => boolean): LfwSet {
  return {
    enrolled: set.enrolled.filter(({ person }) => isOf(person)),
    mated: set.mated.filter(({ person }) => isOf(person)),
    nonMated: set.nonMated.filter(({ person }) => isOf(person)),
    pairs: [],
  }
}

function manifestPart(tails: Readonly<Record<'richCheap' | 'cheapCheap' | 'richRich', MeasuredTail>>) {
  const points = ({ tail }: MeasuredTail) =>
    tail.map(({ cosine, rate }) => [cosine, Number(rate.toPrecision(4))])
  const { richCheap, cheapCheap, richRich } = tails
  const errors = [richCheap, cheapCheap, richRich].map(({ fitError }) => fitError)
  return {
    richCheap: points(richCheap),
    cheapCheap: points(cheapCheap),
    richRich: points(richRich),
    source: `Counted down to 1e-5 on ${richCheap.pairs} pairs (rich against cheap) of different people of lfw-dev; beyond, log10(rate) is a parabola of the cosine, fitted by least squares from 1e-2 to 1e-5, where it is off by a factor of at most ${Math.max(...errors).toFixed(2)}. By npm run evaluate -- FOLDER --tails`,
  }
}

function targetTable(kept: readonly KeptTarget[]): string {
  const head = [
    'images',
    'target',
    'cosine',
    'searches',
    'false positives',
    'realised',
    '95 % interval',
    'of target',
  ]
  const percent = (share: number) => `${(share * 100).toPrecision(3)} %`
  const rows = kept.map((row) => [
    String(row.images),
    `${row.target * 100} %`,
    row.cosine.toFixed(4),
    String(row.searches),
    String(row.falsePositives),
    percent(row.realised),
    `${percent(row.interval[0])} to ${percent(row.interval[1])}`,
    (row.realised / row.target).toFixed(2),
  ])
  return [head, head.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`).join('\n')
}
