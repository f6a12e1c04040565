import { keyOfGroupRow } from '@semblance/core'

/**
 * How an export lies in a tar: what it is, then groups and persons, each person before their pictures, and at last that it
 * is whole. A group comes before the first person who is in it. Ids alone make up paths: a name could lead anywhere.
 */
export const EXPORT_HEAD = 'semblance-export.json'
export const EXPORT_END = 'semblance-export-end.json'
/** What the head says in `format` and `version`. A reader takes this version only. */
export const EXPORT_FORMAT = 'semblance-export'
export const EXPORT_VERSION = 1

export type ExportFile =
  | { readonly kind: 'group'; readonly id: string }
  | { readonly kind: 'person'; readonly personId: string }
  | { readonly kind: 'image' | 'picture'; readonly personId: string; readonly id: string }
  | { readonly kind: 'end' | 'other' }

/** Where the record of a group, a person or an image lies. */
export function pathOfRecord(
  file: Extract<ExportFile, { kind: 'group' | 'person' | 'image' | 'picture' }>,
): string {
  switch (file.kind) {
    case 'group':
      return keyOfGroupRow(file.id as Parameters<typeof keyOfGroupRow>[0])
    case 'person':
      return `persons/${file.personId}/person.json`
    default:
      return `persons/${file.personId}/${file.id}.json`
  }
}

/** The picture lies beside its record. `extension` without a dot. */
export function pathOfPicture(
  file: { readonly personId: string; readonly id: string },
  extension: string,
): string {
  return `persons/${file.personId}/${file.id}.${extension}`
}

const ID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}'
const GROUP = new RegExp(`^groups/(${ID})\\.json$`)
const PERSON = new RegExp(`^persons/(${ID})/person\\.json$`)
const IMAGE = new RegExp(`^persons/(${ID})/(${ID})\\.([a-z0-9]{1,8})$`)

/** What lies at a path of an export. */
export function exportFileAt(path: string): ExportFile {
  if (path === EXPORT_END) return { kind: 'end' }
  const [, id] = GROUP.exec(path) ?? []
  if (id !== undefined) return { kind: 'group', id }
  const [, personId] = PERSON.exec(path) ?? []
  if (personId !== undefined) return { kind: 'person', personId }
  const [, owner, image, extension] = IMAGE.exec(path) ?? []
  if (owner === undefined || image === undefined) return { kind: 'other' }
  return { kind: extension === 'json' ? 'image' : 'picture', personId: owner, id: image }
}
