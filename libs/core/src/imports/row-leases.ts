import { storeUnavailable } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import { sha256Hex } from '../images/read-picture.ts'
import type { Lease } from '../ports/exclusive.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { RowOutcome } from './row-outcome.ts'
import { digestOf, type PictureOfPerson, type SamePictureDeps, samePicture } from './same-picture.ts'

type RunRow = () => Promise<RowOutcome>

/** Key of the lease under which rows that are compared with other persons are written one at a time. */
const COMPARED_ROW_LEASE = 'import-same-person'
/**
 * A store keeps a key's record for good, so that pictures share 65,536 of them: of a thousand rows under way, hardly one
 * waits for another one's picture.
 */
const DIGITS_OF_KEY = 4

/** One row of the installation at a time: of two that run at once, each would else be written without a look at the other. */
export function comparedAlone(
  gallery: Pick<GalleryPorts, 'exclusive'>,
  run: RunRow,
  waiting: Waiting,
): Promise<RowOutcome> {
  return alone(gallery, { key: COMPARED_ROW_LEASE, run }, waiting)
}

/**
 * Has a row written whose picture came from a link while no other row writes this picture of this person, where one of them is
 * enough: it is asked for once more before. Whoever hands out rows cannot see to that, as it does for pictures that were sent: see
 * `turnOfPicture`.
 */
export function withPictureAlone(
  deps: SamePictureDeps & { readonly gallery: Pick<GalleryPorts, 'exclusive'> },
  job: Omit<PictureOfPerson, 'hasRecord'> & { readonly write: RunRow },
  waiting: Waiting,
): Promise<RowOutcome> {
  const { policies, row, picture, personId, write } = job
  // An image that is brought back is told by its id.
  const isCompared = policies.samePicture === 'skip' && row.restore?.image === undefined
  if (policies.dryRun || !isCompared || row.picture?.from !== 'link') return write()
  const pictureSha256 = digestOf({ row, picture })
  const digest = sha256Hex(Buffer.from(`${personId} ${pictureSha256}`))
  const key = `import-picture-${digest.slice(0, DIGITS_OF_KEY)}`
  const run = async () => {
    // Another row may have made the person since, too.
    const now = { ...job, row: { ...row, pictureSha256 }, hasRecord: true }
    return (await samePicture(deps, now, waiting)) ?? write()
  }
  return alone(deps.gallery, { key, run }, waiting)
}

function alone(
  { exclusive }: Pick<GalleryPorts, 'exclusive'>,
  { key, run }: { readonly key: string; readonly run: RunRow },
  waiting: Waiting,
): Promise<RowOutcome> {
  const task = async ({ lost }: Lease) => {
    if (lost.aborted) throw storeUnavailable(lost.reason)
    return run()
  }
  return exclusive.run(key, task, waiting)
}
