import type { ImportId } from '../ids.ts'
import type { ImportStore } from '../ports/import-store.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Import } from './import.ts'

/** Null for one that is being deleted, too: nobody but the importer sees it any more. */
export async function findImport(
  imports: Pick<ImportStore, 'records'>,
  id: ImportId,
  waiting?: Waiting,
): Promise<Import | null> {
  const found = await imports.records.find(id, waiting)
  return found?.state === 'deleting' ? null : found
}
