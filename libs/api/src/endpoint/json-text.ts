import { randomUUID } from 'node:crypto'

/** Unknown to everybody else, so no text in an answer can be taken for a mark of ours. */
const SECRET = randomUUID()
const MARKS = new RegExp(`"${SECRET}/(\\d+)"`)

/** What `markJson` has come across so far; it runs from start to end without a pause. */
let texts: string[] = []

/**
 * JSON that goes into an answer to the letter. Reading it only to write it again would change numbers, or, with numbers
 * kept, take a second for each million of them. Only `markJson` can write an answer that holds one.
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

/** JSON with marks where texts belong, so that it stays small however long those are. */
export interface MarkedJson {
  readonly json: string
  /** A part of `json` in pieces, each text a piece of its own: joined at once they would hold up the event loop. */
  readonly piecesOf: (part: string) => readonly string[]
}

/** Writes as `JSON.stringify` does, with a mark in the place of every `JsonText`. */
export function markJson(value: object): MarkedJson {
  texts = []
  const json = JSON.stringify(value)
  const found = texts
  texts = []
  if (found.length === 0) return { json, piecesOf: (part) => [part] }
  const textAt = (index: string) => found[Number(index)] ?? ''
  const piecesOf = (part: string) =>
    part.split(MARKS).map((piece, n) => (n % 2 === 0 ? piece : textAt(piece)))
  return { json, piecesOf }
}
