import type { LinkRefusal } from '../ports/image-links.ts'

/** The settings that open links, by the scheme of what they open. */
const SETTINGS: Readonly<Record<string, string>> = {
  'http:': 'SEMBLANCE_LINK_HOSTS',
  'https:': 'SEMBLANCE_LINK_HOSTS',
  'file:': 'SEMBLANCE_LINK_ROOTS',
  's3:': 'SEMBLANCE_LINK_S3_BUCKETS',
  'gs:': 'SEMBLANCE_LINK_GS_BUCKETS',
}

/**
 * What whoever runs the server may do about a link that is refused, as the end of a sentence: which setting opens it. Empty
 * where none does.
 */
export function settingThatOpens(url: string, reason: LinkRefusal): string {
  const scheme = /^[a-z0-9]+:/i.exec(url)?.[0].toLowerCase() ?? ''
  const isWeb = scheme === 'http:' || scheme === 'https:'
  // These two are always switched on: as a kind, only a redirect from https to http is refused, which nothing opens.
  const isClosed = reason === 'address-not-allowed' || (reason === 'unsupported-scheme' && !isWeb)
  const setting = isClosed && Object.hasOwn(SETTINGS, scheme) ? SETTINGS[scheme] : undefined
  return setting === undefined ? '' : `; ${setting} of the server opens it`
}

/** In words where the reason alone does not say what to look for. Nothing of what the target said is told. */
const MEANING: Partial<Readonly<Record<LinkRefusal, string>>> = {
  'bad-status': 'its server said no: it is missing, forbidden, compressed, or no regular file',
  'invalid-answer': 'what came is no valid HTTP, or a part that nobody asked for',
}

/** Why a link gave no picture, for its row: the reason, what it means, and what opens it. */
export function whyLinkRefused(url: string, reason: LinkRefusal): string {
  const means = MEANING[reason]
  const words = means === undefined ? reason : `${reason} (${means})`
  return `${words}${settingThatOpens(url, reason)}`
}
