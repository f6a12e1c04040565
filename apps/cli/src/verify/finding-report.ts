import { type Finding, type FindingKind, WHAT_TO_DO } from '@semblance/core'

/** Ids of one kind that the table for people names; the lines for machines hold all. */
const MOST_NAMED = 3

/** What was found: a line of JSON each as it comes, and a table at the end. */
export class FindingReport {
  readonly #print: (line: string) => void
  readonly #kinds = new Map<FindingKind, { count: number; readonly named: string[] }>()

  constructor(print: (line: string) => void) {
    this.#print = print
  }

  get count(): number {
    return [...this.#kinds.values()].reduce((sum, { count }) => sum + count, 0)
  }

  add(finding: Finding): void {
    this.#print(JSON.stringify({ ...finding, do: WHAT_TO_DO[finding.finding] }))
    const kind = this.#kinds.get(finding.finding) ?? { count: 0, named: [] }
    kind.count++
    if (kind.named.length < MOST_NAMED) kind.named.push(lineOf(finding))
    this.#kinds.set(finding.finding, kind)
  }

  end(verified: object): void {
    this.#print(JSON.stringify({ ...verified, findings: this.count }))
  }

  table(): readonly string[] {
    if (this.count === 0) return ['Everything that is stored is whole.']
    return [...this.#kinds].flatMap(([kind, { count, named }]) => [
      `${kind}: ${count}`,
      ...named.map((line) => `    ${line}`),
      ...(count > named.length ? [`    ... and ${count - named.length} more`] : []),
      `  do: ${WHAT_TO_DO[kind]}`,
    ])
  }
}

function lineOf({ id, place, why }: Finding): string {
  const subject = place ?? id
  return subject === null ? why : `${subject}: ${why}`
}
