/** A line of JSON whose longest string, which is the picture if there is one, was cut out: it is not worth parsing. */
export interface CutLine {
  /** The line with an empty string in place of the longest one. */
  readonly rest: Buffer
  /** What stood between the quotes of the longest string; null for a line without strings. */
  readonly longest: Buffer | null
}

const QUOTE = 0x22
const BACKSLASH = 0x5c

/** Null if what is left beside the longest string has more than `maxRest` bytes. */
export function cutLongest(line: Buffer, maxRest: number): CutLine | null {
  let cut = { from: 0, to: 0 }
  let isFound = false
  for (let open = line.indexOf(QUOTE); open !== -1; ) {
    // What is left only grows with each string; so nobody makes us look at millions of them.
    if (open - (cut.to - cut.from) > maxRest) return null
    const close = closingQuote(line, open + 1, maxRest)
    if (close === -1) break
    isFound = true
    if (close - open - 1 > cut.to - cut.from) cut = { from: open + 1, to: close }
    open = line.indexOf(QUOTE, close + 1)
  }
  const rest = line.length - (cut.to - cut.from)
  if (rest > maxRest) return null
  return {
    rest: Buffer.concat([line.subarray(0, cut.from), line.subarray(cut.to)]),
    longest: isFound ? line.subarray(cut.from, cut.to) : null,
  }
}

/** -1 also behind more than `maxQuotes` quotes that are escaped: no picture has those. */
function closingQuote(line: Buffer, from: number, maxQuotes: number): number {
  let quotes = 0
  for (let at = line.indexOf(QUOTE, from); at !== -1 && quotes <= maxQuotes; quotes++) {
    let escapes = 0
    while (at - 1 - escapes >= from && line[at - 1 - escapes] === BACKSLASH) escapes += 1
    if (escapes % 2 === 0) return at
    at = line.indexOf(QUOTE, at + 1)
  }
  return -1
}
