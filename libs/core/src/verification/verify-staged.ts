import type { ImageId } from '../ids.ts'
import { faultOfPicture } from '../images/read-picture.ts'
import type { ImageStore } from '../ports/image-store.ts'
import type { InspectedRecord, InspectedStaged, RecordInspector } from '../ports/record-inspector.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { Finding } from './finding.ts'
import { readFailing } from './read-failing.ts'

export interface StagedPictures extends Pick<ImageStore, 'get'> {
  /** Where an operator finds one: a path, or what stands for it. */
  placeOf(id: ImageId): string
}

interface VerifyStagedOptions extends Waiting {
  readonly records: Pick<RecordInspector, 'list'>
  readonly staged: StagedPictures
  readonly onFinding: (finding: Finding) => void
}

/**
 * Reads the staged picture of a row of an import that has not ended, and compares it with the row. `before`: the id of the
 * record that is listed before it. Answers whether the picture is whole.
 */
export async function verifyStaged(
  options: VerifyStagedOptions,
  { record, before }: { readonly record: InspectedRecord; readonly before: string | null },
): Promise<boolean> {
  const { staged: picture } = record
  if (picture === null || picture === undefined) return false
  const found = await readFailing(() => faultOf(options, picture), options)
  if (found === null) return true
  // A server may have ended the row meanwhile, and then its picture goes.
  const [now] = await options.records.list({ kind: 'import-row', after: before, limit: 1 }, options)
  if (now?.id !== record.id || now.staged?.id !== picture.id) return false
  const finding = found === 'missing' ? 'staged-picture-missing' : 'staged-picture-damaged'
  const fault = found === 'missing' ? 'there is no such picture' : found
  const why = `${fault}; row ${record.id} waits for it`
  options.onFinding({ finding, id: picture.id, place: options.staged.placeOf(picture.id), why })
  return false
}

async function faultOf(
  { staged, signal }: VerifyStagedOptions,
  { id, bytes, sha256 }: InspectedStaged,
): Promise<string | null> {
  const picture = await staged.get(id, { signal })
  if (picture === null) return 'missing'
  if (sha256 === null) return null
  return faultOfPicture(picture, { bytes, sha256 }, { signal })
}
