const ROWS = ['A', 'B', 'C', 'D'] as const

/** Text that is repeated for each of the rows that lie side by side in a loop: a quarter of the list apart. */
export function forRows(line: (row: string, at: number) => string): string {
  return ROWS.map(line).join('\n      ')
}

/** The two halves of a cache line, as byte offsets. */
export function forHalves(line: (half: number) => string): string {
  return [0, 32].map(line).join('\n      ')
}

/** The four parts of a cache line, as byte offsets. */
export function forQuarters(line: (part: number) => string): string {
  return [0, 16, 32, 48].map(line).join('\n          ')
}

/** The distance to the row that lies so many quarters of the list further on. */
export function quarters(count: number): string {
  return `(i32.mul (local.get $quarter) (i32.const ${count}))`
}

/** Reads the next row's number from the list and puts its address into a local. */
export function addressOf(local: string, quarter: number): string {
  return `(local.set ${local} (i32.add (local.get $base) (i32.mul (local.get $rowBytes)
        (i32.load (i32.add (local.get $rows) ${quarters(quarter)})))))`
}
