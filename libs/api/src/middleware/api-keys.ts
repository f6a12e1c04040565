import { createHash, timingSafeEqual } from 'node:crypto'
import type { ApiConfig } from '../api-deps.ts'

/** How many hex digits of a key's SHA-256 tell keys apart: two of them are alike by chance never. */
const ID_DIGITS = 16

/** What tells the key apart and gives it not away: the beginning of its SHA-256, in hex. */
export function keyIdOf(key: string): string {
  return digest(key).toString('hex').slice(0, ID_DIGITS)
}

/** The name that the settings give the key with this id, or the id. */
export function keyNameOf(
  keyId: string,
  { apiKeys, apiKeyNames }: Pick<ApiConfig, 'apiKeys' | 'apiKeyNames'>,
): string {
  const place = apiKeys.findIndex((key) => keyIdOf(key) === keyId)
  return apiKeyNames[place] ?? keyId
}

/** Whether it is one of the keys that are set. */
export function isApiKey(key: string, { apiKeys }: Pick<ApiConfig, 'apiKeys'>): boolean {
  return isAmong(key, apiKeys.map(digest))
}

/** Digests have one length, and every one is compared: the time tells nothing of a key. */
export function isAmong(key: string, digests: readonly Buffer[]): boolean {
  const presented = digest(key)
  let isKnown = false
  for (const known of digests) isKnown = timingSafeEqual(known, presented) || isKnown
  return isKnown && key !== ''
}

export function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
