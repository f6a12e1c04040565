import { closeSync, openSync, writeSync } from 'node:fs'
import { type Finding, type FindingKind, WHAT_TO_DO } from '@semblance/core'
import { codeOf } from '../backup/backup-folder.ts'
import { printable } from '../command/table.ts'
import { wrongUse } from '../server/command-fault.ts'

/** Ids of one kind that the table for people names. */
const MOST_NAMED = 3
/** Findings that the result for programs holds: a few hundred kilobytes. A report file has all. */
const MOST_HELD = 1000

/** What was found: all of it in a file if one is named, the first of it for programs, and a table for people. */
export class FindingReport {
  readonly #file: { readonly name: string; readonly descriptor: number } | null
  readonly #kinds = new Map<FindingKind, { count: number; readonly named: string[] }>()
  readonly #held: object[] = []

  /** @param file gets a line of JSON for each finding as it comes; it must not be there. Throws a `CommandFault`. */
  constructor(file?: string) {
    this.#file = file === undefined ? null : { name: file, descriptor: openNew(file) }
  }

  get count(): number {
    return [...this.#kinds.values()].reduce((sum, { count }) => sum + count, 0)
  }

  add(finding: Finding): void {
    const told = { ...finding, do: WHAT_TO_DO[finding.finding] }
    if (this.#file !== null) writeSync(this.#file.descriptor, `${JSON.stringify(told)}\n`)
    if (this.#held.length < MOST_HELD) this.#held.push(told)
    const kind = this.#kinds.get(finding.finding) ?? { count: 0, named: [] }
    kind.count++
    if (kind.named.length < MOST_NAMED) kind.named.push(lineOf(finding))
    this.#kinds.set(finding.finding, kind)
  }

  close(): void {
    if (this.#file !== null) closeSync(this.#file.descriptor)
  }

  /** How many in all and of each kind, and the first of them. */
  result(): object {
    const byKind = Object.fromEntries([...this.#kinds].map(([kind, { count }]) => [kind, count]))
    return { findings: this.count, byKind, found: this.#held }
  }

  table(): readonly string[] {
    if (this.count === 0) return ['Everything that is stored is whole.']
    return [...this.#kinds].flatMap(([kind, { count, named }]) => [
      `${kind}: ${count}`,
      ...named.map((line) => `    ${printable(line)}`),
      ...(count > named.length ? [`    ... and ${count - named.length} more${this.#where()}`] : []),
      `  do: ${WHAT_TO_DO[kind]}`,
    ])
  }

  #where(): string {
    return this.#file === null ? '' : ` in ${this.#file.name}`
  }
}

function openNew(file: string): number {
  try {
    return openSync(file, 'wx', 0o600)
  } catch (fault) {
    const isTaken = codeOf(fault) === 'EEXIST'
    throw wrongUse(
      isTaken
        ? `${file} is there already, and is not overwritten`
        : `${file} cannot be written (${codeOf(fault)})`,
    )
  }
}

function lineOf({ id, place, why }: Finding): string {
  const subject = place ?? id
  return subject === null ? why : `${subject}: ${why}`
}
