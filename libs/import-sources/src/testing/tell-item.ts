import type { SourceItem } from '../source-row.ts'

/** In words: `Jane/1.jpg Jane <bytes>`, or `key field message`, or the note. */
export function told(item: SourceItem): string {
  if (item.kind === 'note') return item.message
  if (item.kind === 'problem') return `${item.key} ${item.field} ${item.message}`
  const person = item.person.by === 'externalId' ? item.person.externalId : JSON.stringify(item.person)
  const { picture } = item
  const bytes = picture !== undefined && 'bytes' in picture ? Buffer.from(picture.bytes).toString() : picture
  return [item.key, person, item.name, item.groups, bytes].filter((part) => part !== undefined).join(' ')
}
