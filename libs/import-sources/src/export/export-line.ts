import { SourceFault } from '../source-fault.ts'

/** What may be the first line of an export in lines: a group, a person, or its end where nobody is in it. */
const FIRST: Readonly<Record<string, readonly string[]>> = {
  group: ['id', 'name', 'metadata', 'createdAt'],
  person: ['id', 'name', 'metadata', 'groups', 'createdAt'],
  end: ['groups', 'persons', 'images'],
}

/** Whether an object is what `GET /api/export` begins with, which no manifest does: it has a type, and no picture. */
export function isExportLine(object: object): boolean {
  const { type } = object as { readonly type?: unknown }
  if (typeof type !== 'string' || !Object.hasOwn(FIRST, type)) return false
  return (FIRST[type] ?? []).every((name) => Object.hasOwn(object, name))
}

/** Its lines would be rows without pictures, each of somebody of its own. */
export function exportInLines(): SourceFault {
  return new SourceFault(
    'not-readable',
    'it is an export in lines, which has no pictures: export a tar (semblance export NAME.tar, or format=tar), and import that',
  )
}
