/** A text in quotes, a mark, or anything else up to the next of these: what JSON is made of, spaces left out. */
const TOKENS = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g

const OPENS = ['{', '[']
const CLOSES = ['}', ']']

/**
 * The text of a field of a JSON object as it stands in the object's text; null if there is none. A number keeps its digits
 * thereby: `JSON.parse` makes 12345678901234567890 into another one.
 */
export function fieldText(json: string, field: string): string | null {
  let depth = 0
  let from: number | null = null
  let before = ''
  for (const { 0: token, index } of json.matchAll(TOKENS)) {
    const isEnd = from !== null && depth === 1 && (token === ',' || token === '}')
    if (from !== null && isEnd) return json.slice(from, index).trim()
    if (depth === 1 && token === ':' && before === JSON.stringify(field)) from = index + 1
    if (OPENS.includes(token)) depth++
    if (CLOSES.includes(token)) depth--
    before = token
  }
  return null
}

/** The same JSON with a line for each value, its numbers and texts to the letter. */
export function indented(json: string): string {
  const tokens = json.match(TOKENS) ?? []
  let depth = 0
  let text = ''
  const breakLine = () => `\n${'  '.repeat(depth)}`
  for (const [place, token] of tokens.entries()) {
    const isEmpty = CLOSES.includes(tokens[place + 1] ?? '')
    if (OPENS.includes(token)) {
      depth++
      text += isEmpty ? token : `${token}${breakLine()}`
    } else if (CLOSES.includes(token)) {
      depth--
      text += OPENS.includes(tokens[place - 1] ?? '') ? token : `${breakLine()}${token}`
    } else if (token === ',') text += `${token}${breakLine()}`
    else text += token === ':' ? ': ' : token
  }
  return text
}

/** A JSON object with one more field, whose text goes in as it stands. */
export function withField(fields: object, name: string, json: string): string {
  const others = JSON.stringify(fields).slice(1, -1)
  return `{${others}${others === '' ? '' : ','}${JSON.stringify(name)}:${json}}`
}
