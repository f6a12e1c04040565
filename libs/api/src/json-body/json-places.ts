import { MAX_METADATA_VALUES } from '../fields/metadata-field.ts'
import type { PictureFields } from './picture-fields.ts'

/** Metadata may be 32 levels deep and stands two levels down. */
const MAX_DEPTH = 64
/** The largest honest body is twenty thousand ids plus 64 KB of metadata. */
const MAX_VALUES = 100_000
/** The most fields of all objects together. Each takes the parser a microsecond, and a list of ids has none. */
const MAX_NAMES = 10_000
/** It is a field of the body, or of one in the body. */
const METADATA_DEPTH = 2

interface Level {
  readonly kind: 'object' | 'list'
  readonly fields: PictureFields | null
  /** What lies in the field whose value comes next; null while a name is due. */
  value: PictureFields | null
  isNameDue: boolean
}

/**
 * Knows where in a JSON text one is, from its braces, commas and names, and says when it is deeper or holds more values
 * than any honest body: 20 MB of `[` would become a gigabyte of lists. Of text that is not JSON it says anything: that is
 * for the parser to find out.
 */
export class JsonPlaces {
  readonly #levels: Level[] = []
  readonly #root: PictureFields | null
  #values = 0
  #names = 0
  #metadataValues = 0
  /** Levels down to the object whose metadata one is in; 0: in none. */
  #metadataDepth = 0
  #excess: string | null = null

  constructor(root: PictureFields | null) {
    this.#root = root
  }

  /** What is too much, in words that follow "the body". */
  get excess(): string | null {
    return this.#excess
  }

  /** A string that begins here is the name of a field that may be metadata or lead to a picture. */
  get isNameWanted(): boolean {
    const level = this.#levels.at(-1)
    if (level?.isNameDue !== true) return false
    return this.#levels.length <= METADATA_DEPTH || (level.fields?.fields.size ?? 0) > 0
  }

  /** A string that begins here is a picture. */
  get isPictureHere(): boolean {
    return this.#here()?.isPicture === true
  }

  open(kind: Level['kind']): void {
    const here = this.#here()
    this.#levels.push({ kind, fields: here, value: null, isNameDue: kind === 'object' })
    this.#count()
    if (this.#levels.length > MAX_DEPTH) this.#excess ??= `is more than ${MAX_DEPTH} levels deep`
  }

  close(): void {
    this.#leaveMetadata()
    this.#levels.pop()
  }

  comma(): void {
    this.#leaveMetadata()
    this.#count()
    const level = this.#levels.at(-1)
    if (level?.kind !== 'object') return
    level.isNameDue = true
    level.value = null
  }

  colon(): void {
    const level = this.#levels.at(-1)
    if (level !== undefined) level.isNameDue = false
    this.#names++
    if (this.#names > MAX_NAMES) this.#excess ??= `has more than ${MAX_NAMES} fields`
  }

  /** @param raw as it stands between its quotes */
  name(raw: Buffer): void {
    const level = this.#levels.at(-1)
    if (level === undefined) return
    const name = nameOf(raw)
    level.value = level.fields?.fields.get(name) ?? null
    if (name === 'metadata' && this.#metadataDepth === 0 && this.#levels.length <= METADATA_DEPTH) {
      this.#metadataDepth = this.#levels.length
      this.#countMetadata()
    }
  }

  #leaveMetadata(): void {
    if (this.#levels.length === this.#metadataDepth) this.#metadataDepth = 0
  }

  #here(): PictureFields | null {
    const level = this.#levels.at(-1)
    if (level === undefined) return this.#root
    if (level.kind === 'list') return level.fields?.element ?? null
    return level.isNameDue ? null : level.value
  }

  #count(): void {
    this.#values++
    if (this.#values > MAX_VALUES) this.#excess ??= `has more than ${MAX_VALUES} values`
    if (this.#metadataDepth > 0) this.#countMetadata()
  }

  #countMetadata(): void {
    this.#metadataValues++
    if (this.#metadataValues > MAX_METADATA_VALUES)
      this.#excess ??= `has more than ${MAX_METADATA_VALUES} values of metadata`
  }
}

function nameOf(raw: Buffer): string {
  if (!raw.includes('\\')) return raw.toString('utf8')
  try {
    return String(JSON.parse(`"${raw.toString('utf8')}"`))
  } catch {
    return ''
  }
}
