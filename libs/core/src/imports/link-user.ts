import type { Import } from './import.ts'

/** Such as `https://user:password@host/`, where that cannot be read as a link at all. */
const USER = /^(\s*https?:[/\\]*)[^/\\?#]*@/i

/** Whether a link to the web names a user, and so perhaps a password. No such link is followed, and none is to be kept. */
export function namesUser(link: string): boolean {
  return withoutUser(link) !== link
}

/** The link without a user and a password. What is no link to the web, such as the key of a bucket, stays as it is. */
export function withoutUser(link: string): string {
  if (!/^\s*https?:/i.test(link) || !link.includes('@')) return link
  const url = URL.parse(link)
  if (url === null) return link.replace(USER, '$1')
  if (url.username === '' && url.password === '') return link
  url.username = ''
  url.password = ''
  return url.href
}

/**
 * What an earlier version kept of users and passwords in an import itself: in its source, and in its name, which `semblance
 * import` made of a link. Null: nothing.
 */
export function blankedImport({
  name,
  source,
}: Pick<Import, 'name' | 'source'>): Pick<Import, 'name' | 'source'> | null {
  // Behind a link, the name of an import may have options of the command.
  const named = name.replace(USER, '$1')
  const url = source === null ? null : withoutUser(source.url)
  if (named === name && url === (source?.url ?? null)) return null
  return { name: named, source: source === null || url === null ? source : { ...source, url } }
}
