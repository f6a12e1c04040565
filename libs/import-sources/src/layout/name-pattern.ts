/** What a name says of a picture; a part that the pattern does not have is left out. */
export interface NamedParts {
  readonly person?: string
  readonly name?: string
  readonly group?: string
}

/** Null where the path does not fit. */
export interface NamePattern {
  match(path: string): NamedParts | null
}

type Placeholder = 'person' | 'name' | 'group' | 'n' | 'any'

type Token =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'placeholder'; readonly name: Placeholder }

const MAX_PATTERN_LENGTH = 200
const MAX_PLACEHOLDERS = 8

/**
 * A pattern such as `{person}_{n}.jpg`: `{person}`, `{name}` and `{group}` once each, `{n}` (digits) and `{any}` as often as
 * one likes. Each stands for at least one character, and none for `/`; the first ones take as much as they can. Text counts
 * without case. A pattern without `/` is for the name alone, whatever the folder.
 */
export function readNamePattern(
  pattern: string,
): { readonly pattern: NamePattern } | { readonly problem: string } {
  if (pattern.length > MAX_PATTERN_LENGTH) {
    return { problem: `must have at most ${MAX_PATTERN_LENGTH} characters` }
  }
  const tokens = tokensOf(pattern)
  const problem = problemOf(tokens)
  if (problem !== null) return { problem }
  const isForName = !pattern.includes('/')
  return {
    pattern: {
      match: (path) => match(tokens, isForName ? path.slice(path.lastIndexOf('/') + 1) : path),
    },
  }
}

function tokensOf(pattern: string): readonly Token[] {
  return pattern
    .split(/(\{person\}|\{name\}|\{group\}|\{n\}|\{any\})/)
    .filter((part) => part !== '')
    .map((part) =>
      /^\{(person|name|group|n|any)\}$/.test(part)
        ? { kind: 'placeholder', name: part.slice(1, -1) as Placeholder }
        : { kind: 'text', text: lowerCase(part) },
    )
}

function problemOf(tokens: readonly Token[]): string | null {
  const names = tokens.flatMap((token) => (token.kind === 'placeholder' ? [token.name] : []))
  const isStray = tokens.some((token) => token.kind === 'text' && /[{}]/.test(token.text))
  if (isStray) return 'may have {person}, {name}, {group}, {n} and {any}, and no other braces'
  if (!names.includes('person') && !names.includes('name')) return 'must have {person} or {name}'
  if (names.length > MAX_PLACEHOLDERS) return `must have at most ${MAX_PLACEHOLDERS} placeholders`
  const once = names.filter((name) => name !== 'n' && name !== 'any')
  return new Set(once).size === once.length ? null : 'must have each of {person}, {name} and {group} once'
}

const NOWHERE = -1

/**
 * Where a token that begins at each place of the text has to end so that the rest fits, the last token first: one pass over
 * the text for each token, whatever the two are.
 */
function match(tokens: readonly Token[], text: string): NamedParts | null {
  const lower = lowerCase(text)
  const ends = tokens.map(() => new Int32Array(text.length + 1).fill(NOWHERE))
  for (let index = tokens.length - 1; index >= 0; index--) {
    const [token, own, next] = [tokens[index], ends[index], ends[index + 1]]
    if (token === undefined || own === undefined) continue
    const restFits = (at: number): boolean => (next === undefined ? at === text.length : next[at] !== NOWHERE)
    if (token.kind === 'text') endText(own, { token, lower, restFits })
    else endPlaceholder(own, { token, lower, restFits })
  }
  return partsOf(tokens, { text, ends })
}

interface Ending<Each extends Token> {
  readonly token: Each
  readonly lower: string
  readonly restFits: (at: number) => boolean
}

function endText(own: Int32Array, { token, lower, restFits }: Ending<Token & { kind: 'text' }>): void {
  for (let at = lower.indexOf(token.text); at !== -1; at = lower.indexOf(token.text, at + 1)) {
    const end = at + token.text.length
    if (restFits(end)) own[at] = end
  }
}

/** From the right, so that the first end that is found is the furthest. */
function endPlaceholder(
  own: Int32Array,
  { token, lower, restFits }: Ending<Token & { kind: 'placeholder' }>,
): void {
  const isPart = token.name === 'n' ? /[0-9]/ : /[^/]/
  let furthest = NOWHERE
  for (let at = lower.length - 1; at >= 0; at--) {
    if (!isPart.test(lower.charAt(at))) furthest = NOWHERE
    else {
      if (furthest === NOWHERE && restFits(at + 1)) furthest = at + 1
      own[at] = furthest
    }
  }
}

function partsOf(
  tokens: readonly Token[],
  { text, ends }: { readonly text: string; readonly ends: readonly Int32Array[] },
): NamedParts | null {
  const parts: Partial<Record<Placeholder, string>> = {}
  let at = 0
  for (const [index, token] of tokens.entries()) {
    const end = ends[index]?.[at] ?? NOWHERE
    if (end === NOWHERE) return null
    if (token.kind === 'placeholder') parts[token.name] = text.slice(at, end)
    at = end
  }
  const { person, name, group } = parts
  return {
    ...(person !== undefined && { person }),
    ...(name !== undefined && { name }),
    ...(group !== undefined && { group }),
  }
}

/** One character for each: where a language would make two of one, the case counts. */
function lowerCase(text: string): string {
  const lower = text.toLowerCase()
  return lower.length === text.length ? lower : text
}
