import type { ImportId } from '@semblance/core'
import { isLateManifest } from '@semblance/import-sources'

/** Why a source cannot be read on; where rows were made of wrong persons by then, also how these are taken back. */
export function withWayOut(why: string, id: ImportId): string {
  if (!isLateManifest(why)) return why
  const path = `/api/imports/${id}`
  return `${why}; these were taken by their folders, as other persons than the manifest says. Do not send it to this import again: take the import back with the persons whom it made (POST ${path}/cancel, then DELETE ${path}?persons=created&dryRun=true, then DELETE ${path}?persons=created&count=N with the count that this answered), put the manifest first, and send the archive to a new import`
}
