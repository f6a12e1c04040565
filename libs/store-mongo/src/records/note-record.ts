import type { PackId, UndescribedReason } from '@semblance/core'
import type { Binary } from 'mongodb'

/** What a pack made of an image that it was not enrolled with; `why` says the reason where that is nothing. */
export interface NoteRecord {
  readonly descriptor: Binary
  readonly why: UndescribedReason | null
  /** As the pack judges the face; absent in records of earlier versions. */
  readonly quality?: number | null
  readonly damage?: number | null
}

/** What of a record tells how another pack judges the face. */
export interface NotedRecord {
  readonly notes?: Readonly<Record<PackId, Pick<NoteRecord, 'quality' | 'damage'>>>
}

/** The record with quality and damage as this pack told them, if it told them beside the image's own pack. */
export function judgedBy<Judged extends NotedRecord>(packId: PackId, record: Judged): Judged {
  return { ...record, ...qualityBy(packId, record) }
}

/** Null if it told none. */
export function qualityBy(
  packId: PackId,
  { notes }: NotedRecord,
): { readonly quality: number; readonly damage: number | null } | null {
  const { quality = null, damage = null } = notes?.[packId] ?? {}
  return quality === null ? null : { quality, damage }
}
