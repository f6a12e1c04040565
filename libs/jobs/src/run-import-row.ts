import type { JobQueue, JobWaiting, RowOutcome, RowPicture, RowWork } from '@semblance/core'
import type { ImportRowPayload } from './catalogue.ts'
import { gatePayloadOf } from './gate-payload.ts'
import { runJob } from './run-job.ts'

export interface ImportRowTerms {
  /** The distance within which another person's face counts as the same person's. */
  readonly threshold: number
  /** For one row, its wait in the queue included. */
  readonly deadlineMs: number
  readonly requestId: string
}

/** Has a row of an import done by a worker; see `ImporterDeps.runRow`. */
export async function runImportRow(
  queue: JobQueue,
  { row, importId, policies, groups, ...terms }: RowWork & ImportRowTerms,
  waiting: JobWaiting,
): Promise<RowOutcome> {
  const { threshold, deadlineMs, requestId } = terms
  const payload = {
    requestId,
    importId,
    key: row.key,
    picture: placeOf(row.picture),
    policies: { ...policies, quality: gatePayloadOf(policies.quality) },
    groups: [...groups],
    threshold,
  }
  return runJob(queue, { job: 'import-row', payload, deadlineMs }, waiting)
}

function placeOf(picture: RowPicture | null): ImportRowPayload['picture'] {
  if (picture?.from !== 'staged') return picture
  return { from: 'staged', stagedId: picture.stagedId }
}
