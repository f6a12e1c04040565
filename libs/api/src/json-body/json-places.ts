import type { PictureFields } from './picture-fields.ts'

/** Metadata may be 32 levels deep and stands two levels down. */
const MAX_DEPTH = 64
/** The largest honest body is twenty thousand ids plus 64 KB of metadata. */
const MAX_VALUES = 100_000

interface Level {
  readonly kind: 'object' | 'list'
  readonly fields: PictureFields | null
  /** Of the field whose value comes next; null while a name is due. */
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
  #excess: string | null = null

  constructor(root: PictureFields | null) {
    this.#root = root
  }

  /** What is too much, in words that follow "the body". */
  get excess(): string | null {
    return this.#excess
  }

  /** A string that begins here is the name of a field that may lead to a picture. */
  get isNameWanted(): boolean {
    const level = this.#levels.at(-1)
    return level?.isNameDue === true && level.fields !== null && level.fields.fields.size > 0
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
    this.#levels.pop()
  }

  comma(): void {
    this.#count()
    const level = this.#levels.at(-1)
    if (level?.kind !== 'object') return
    level.isNameDue = true
    level.value = null
  }

  colon(): void {
    const level = this.#levels.at(-1)
    if (level !== undefined) level.isNameDue = false
  }

  /** @param raw as it stands between its quotes */
  name(raw: Buffer): void {
    const level = this.#levels.at(-1)
    if (level !== undefined) level.value = level.fields?.fields.get(nameOf(raw)) ?? null
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
  }
}

function nameOf(raw: Buffer): string {
  try {
    return String(JSON.parse(`"${raw.toString('utf8')}"`))
  } catch {
    return ''
  }
}
