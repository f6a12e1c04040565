import { createHash } from 'node:crypto'
import { judgePath } from '../archive/entry-path.ts'
import { InvalidField } from '../fields/invalid-field.ts'
import { makeRow, problemAt } from '../fields/make-row.ts'
import type { SourceProblem, SourceRow } from '../source-row.ts'
import { fieldsOfPath, type Layout } from './layout.ts'

/** Hex digits of a digest, which stand for a path that can be no key. */
const KEY_DIGITS = 32

/**
 * The row of a picture that lies somewhere else, by its path below the place that was named; null for a folder, and for
 * what a system put there for itself.
 */
export function rowOfPath(
  file: { readonly path: string; readonly link: string; readonly position: number },
  layout: Exclude<Layout, { readonly by: 'auto' | 'manifest' }>,
): SourceRow | SourceProblem | null {
  const { path, link, position } = file
  const place = { unit: 'entry', position } as const
  const judged = judgePath(Buffer.from(path))
  if (judged.kind === 'passed-over' || path.endsWith('/')) return null
  if (judged.kind === 'refused') {
    const key = `object-${createHash('sha256').update(path).digest('hex').slice(0, KEY_DIGITS)}`
    return problemAt({ ...place, key }, 'entry', judged.why)
  }
  try {
    // Two objects may differ by nothing but a doubled slash, so the path as it stands is the key.
    const row = makeRow({ ...fieldsOfPath(judged.path, layout), key: path, picture: { link } }, place)
    return row.kind === 'note' ? null : row
  } catch (error) {
    if (error instanceof InvalidField) return problemAt({ ...place, key: path }, error.field, error.message)
    throw error
  }
}
