import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { isUuid, type PersonId } from '../ids.ts'

import type { PersonPlace, PersonSort } from '../ports/person-records.ts'

const CIPHER = 'aes-256-gcm'
const KEY_BYTES = 32
/** As NIST SP 800-38D, 5.2.1.1, recommends for the initialization vector, and the longest tag of 5.2.1.2. */
const IV_BYTES = 12
const TAG_BYTES = 16

export function newCursorKey(): string {
  return randomBytes(KEY_BYTES).toString('base64')
}

/**
 * A place as a text for an address. It must hold the value itself: looked up again by the id, it would be another one once
 * the person is renamed, and nowhere once they are deleted. Addresses end up in logs, so it is sealed, because it may be a
 * name. The key is the gallery's, so every process can open it, and a backup holds it. It is good for lists in this order alone.
 */
export function sealPlace({ value, id }: PersonPlace, sort: PersonSort, key: string): string {
  const iv = randomBytes(IV_BYTES)
  const cipher = createCipheriv(CIPHER, Buffer.from(key, 'base64'), iv, { authTagLength: TAG_BYTES })
  cipher.setAAD(Buffer.from(orderName(sort)))
  const sealed = Buffer.concat([cipher.update(JSON.stringify([value, id])), cipher.final()])
  return Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url')
}

/** Null for what `sealPlace` never gave for that order with that key. */
export function openPlace(cursor: string, sort: PersonSort, key: string): PersonPlace | null {
  const bytes = Buffer.from(cursor, 'base64url')
  if (bytes.length <= IV_BYTES + TAG_BYTES) return null
  const iv = bytes.subarray(0, IV_BYTES)
  const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES)
  try {
    const decipher = createDecipheriv(CIPHER, Buffer.from(key, 'base64'), iv, { authTagLength: TAG_BYTES })
    decipher.setAAD(Buffer.from(orderName(sort)))
    decipher.setAuthTag(tag)
    const opened = Buffer.concat([decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)), decipher.final()])
    return placeOf(JSON.parse(opened.toString()), sort)
  } catch {
    return null
  }
}

function placeOf(given: unknown, { by }: PersonSort): PersonPlace | null {
  if (!Array.isArray(given)) return null
  const [value, id] = given
  const isValue = typeof value === (by === 'name' ? 'string' : 'number')
  return isValue && typeof id === 'string' && isUuid(id) ? { value, id: id as PersonId } : null
}

function orderName({ by, isDescending }: PersonSort): string {
  return `persons by ${by}, ${isDescending ? 'descending' : 'ascending'}`
}
