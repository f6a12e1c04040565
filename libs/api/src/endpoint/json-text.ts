import { randomUUID } from 'node:crypto'

/** Unknown to everybody else, so no text in an answer can be taken for a mark of ours. */
const SECRET = randomUUID()
const MARKS = new RegExp(`"${SECRET}/(\\d+)"`, 'g')

/** What `writeJson` has come across so far; it runs from start to end without a pause. */
let texts: string[] = []

/**
 * JSON that goes into an answer to the letter. Reading it only to write it again would change numbers, or, with numbers
 * kept, take a second for each million of them. Only `writeJson` can write an answer that holds one.
 */
export class JsonText {
  readonly #text: string

  /** @param text valid JSON */
  constructor(text: string) {
    this.#text = text
  }

  toJSON(): string {
    return `${SECRET}/${texts.push(this.#text) - 1}`
  }
}

/** Writes as `JSON.stringify` does, with every `JsonText` in its place. */
export function writeJson(value: object): string {
  texts = []
  const json = JSON.stringify(value)
  const found = texts
  texts = []
  return found.length === 0 ? json : json.replace(MARKS, (_mark, index) => found[Number(index)] ?? '')
}
