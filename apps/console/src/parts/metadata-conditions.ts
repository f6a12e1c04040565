/** One value at one place of the metadata, as the server's lists and searches name it: `site.city` and `Bonn`. */
export interface MetadataCondition {
  readonly key: string
  readonly value: string
}

/** As the server takes them at once. */
export const MOST_CONDITIONS = 16

/** Of `site.city=Bonn`; null while the text names no key and no value. */
export function conditionIn(text: string): MetadataCondition | null {
  const at = text.indexOf('=')
  const [key, value] = [text.slice(0, at).trim(), text.slice(at + 1).trim()]
  return at < 1 || key === '' || value === '' ? null : { key, value }
}

/** Those that are whole, each in one way of writing: while somebody types, most texts say the same as the one before. */
export function wholeTexts(texts: readonly string[]): readonly string[] {
  return texts.flatMap((text) => {
    const condition = conditionIn(text)
    return condition === null ? [] : [`${condition.key}=${condition.value}`]
  })
}

/** Of all texts that are whole, by their keys: of several values of one key, all must be there. */
export function conditionsIn(texts: readonly string[]): Readonly<Record<string, readonly string[]>> {
  const found = new Map<string, string[]>()
  for (const text of texts) {
    const condition = conditionIn(text)
    if (condition === null) continue
    const { key, value } = condition
    const values = found.get(key) ?? []
    if (!values.includes(value)) found.set(key, [...values, value])
  }
  // Not by assignment: a key may be called as a property of every object is.
  return Object.fromEntries(found)
}
