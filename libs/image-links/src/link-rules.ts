import type { LinkRefusal } from '@semblance/core'
import { type AllowList, plainHost, WEB_PORTS } from './allow-list.ts'

/** A link, or one hop of it, that broke no rule so far; its host's addresses are still to be checked. */
export interface LinkTarget {
  readonly url: URL
  readonly host: string
  readonly port: number
  readonly isSecure: boolean
  readonly isAllowListed: boolean
}

export type LinkCheck =
  | { readonly target: LinkTarget; readonly refusal?: never }
  | { readonly target?: never; readonly refusal: LinkRefusal }

/** The limit is longer than any signed storage link seen, and short enough to cost nothing. */
export const MAX_LINK_CHARS = 8_192

export function checkLink(link: string, allowList: AllowList): LinkCheck {
  return link.length > MAX_LINK_CHARS ? refusal('invalid-link') : checkUrl(URL.parse(link), allowList)
}

/** The next hop of a redirect, under the same rules; and what began encrypted never goes on in the clear. */
export function checkRedirect(from: LinkTarget, location: string, allowList: AllowList): LinkCheck {
  if (location.length > MAX_LINK_CHARS) return refusal('invalid-link')
  const next = checkUrl(URL.parse(location, from.url.href), allowList)
  const isDowngrade = from.isSecure && next.target?.isSecure === false
  return isDowngrade ? refusal('unsupported-scheme') : next
}

function checkUrl(url: URL | null, allowList: AllowList): LinkCheck {
  if (url === null) return refusal('invalid-link')
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refusal('unsupported-scheme')
  if (url.username !== '' || url.password !== '') return refusal('invalid-link')
  const host = plainHost(url)
  if (host === '' || host.endsWith('.')) return refusal('invalid-link')
  const isSecure = url.protocol === 'https:'
  const port = Number(url.port || (isSecure ? 443 : 80))
  const isAllowListed = allowList.has(host, port)
  if (!isAllowListed && !WEB_PORTS.includes(port)) return refusal('address-not-allowed')
  return { target: { url, host, port, isSecure, isAllowListed } }
}

function refusal(reason: LinkRefusal): LinkCheck {
  return { refusal: reason }
}
