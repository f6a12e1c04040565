import { type Command, InvalidArgumentError } from 'commander'

const MAX_PAGE = 1000
const DEFAULT_PAGE = 100

/** Reads an option that is a whole number from `least` to `most`. */
export function wholeNumber(least: number, most: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (/^\d+$/.test(text) && value >= least && value <= most) return value
    throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}`)
  }
}

/** The option of every command whose result is for scripts, too. */
export function withJsonOption(command: Command): Command {
  return command.option('--json', 'print the result as one line of JSON', false)
}

/** An option that may be given several times. */
export function collect(value: string, earlier: readonly string[]): readonly string[] {
  return [...earlier, value]
}

export interface PageOptions {
  readonly size: number
  readonly cursor?: string
}

/** The options of every list. */
export function withPageOptions(command: Command): Command {
  return command
    .option('--size <n>', 'lines of one page', wholeNumber(1, MAX_PAGE), DEFAULT_PAGE)
    .option('--cursor <cursor>', 'go on where an earlier page ended, which names its cursor')
}

type QueryField = readonly [name: string, value: string | number | boolean | undefined]

/** What is set, as a query with its question mark; empty if nothing is. */
export function queryOf(fields: readonly QueryField[]): string {
  const query = new URLSearchParams()
  for (const [name, value] of fields) if (value !== undefined) query.append(name, String(value))
  return query.size === 0 ? '' : `?${query}`
}

/** The part of a query that names a page. */
export function pageFields({ size, cursor }: PageOptions): readonly QueryField[] {
  return [
    ['size', size],
    ['cursor', cursor],
  ]
}

/** Tells how to read on, where there is more. */
export function moreLines(nextCursor: string | undefined): readonly string[] {
  return nextCursor === undefined ? [] : ['', `There are more: --cursor ${nextCursor}`]
}
