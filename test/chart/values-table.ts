import { isMap, isScalar, type Pair, parseDocument, type YAMLMap } from 'yaml'

interface Row {
  readonly path: string
  readonly standard: string
  readonly meaning: string
}

/** Tables of all values of a chart, one for each of the outermost, from the comments above them. Throws for a value without one. */
export function valuesTables(text: string): string {
  const document = parseDocument(text)
  if (!isMap(document.contents)) throw new Error('the values are no map')
  const rows = rowsOf(document.contents, '', null)
  const sections = Map.groupBy(rows, ({ path }) => /^(.*?)\./.exec(path)?.[1] ?? 'of the release')
  return [...sections].map(([name, of]) => table(name, of)).join('\n')
}

/** The comment above the first value of a map within a map belongs to that map. */
function rowsOf(map: YAMLMap, prefix: string, first: string | null): readonly Row[] {
  return (map.items as Pair[]).flatMap((pair, index) => {
    const key = pair.key as { readonly value: string; readonly commentBefore?: string | null }
    const path = `${prefix}${key.value}`
    const comment = key.commentBefore ?? (index === 0 ? first : null)
    const { value } = pair
    if (comment !== null)
      return [{ path, standard: standardOf(value), meaning: comment.trim().replace(/\s*\n\s*/g, ' ') }]
    if (isMap(value)) return rowsOf(value, `${path}.`, value.commentBefore ?? null)
    throw new Error(`values.yaml: ${path} has no comment that says what it means`)
  })
}

/** A default as it is written on one line; long ones are left to the file. */
function standardOf(value: unknown): string {
  if (isScalar(value)) return value.value === '' ? '' : `\`${JSON.stringify(value.value)}\``
  const text = JSON.stringify(value)
  return text.length > 90 ? 'see `values.yaml`' : `\`${text}\``
}

function table(title: string, rows: readonly Row[]): string {
  const lines = rows.map(({ path, standard, meaning }) => `| \`${path}\` | ${standard} | ${meaning} |`)
  return `### ${title}\n\n| value | default | meaning |\n|---|---|---|\n${lines.join('\n')}\n`
}
