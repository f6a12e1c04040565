import type { PackQuery } from '../ports/descriptor-records.ts'
import type { EnrolledRow } from '../ports/image-records.ts'
import type { RecordStore } from '../ports/record-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import { hasMoved } from './gallery-packs.ts'

/**
 * Rows with the descriptors that searches compare. In a gallery that was never moved to another pack these are the images' own,
 * and one of a foreign pack among them is a damaged record, which whoever compares it tells of.
 */
export async function scanServing(
  { images, descriptors, settings }: Pick<RecordStore, 'images' | 'descriptors' | 'settings'>,
  query: PackQuery,
  waiting?: Waiting,
): Promise<readonly EnrolledRow[]> {
  const packs = await settings.readPacks(waiting)
  return hasMoved(packs) ? descriptors.scan(query, waiting) : images.scanEnrolled(query, waiting)
}
