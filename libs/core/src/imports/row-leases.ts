import { storeUnavailable } from '../errors.ts'
import type { GalleryPorts } from '../gallery-ports.ts'
import type { PersonId } from '../ids.ts'
import { sha256Hex } from '../images/read-picture.ts'
import type { Lease } from '../ports/exclusive.ts'
import type { Waiting } from '../ports/waiting.ts'
import type { RowWork } from './person-of-row.ts'
import type { RowOutcome } from './row-outcome.ts'
import { digestOf, type RowPictureBytes } from './same-picture.ts'

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
 * Runs the rest of a row whose picture came from a link while no other row does the same with this picture of this person, where
 * one of them is enough. Whoever hands out rows cannot see to that, as it does for pictures that were sent: see `turnOfPicture`.
 */
export function withPictureAlone(
  gallery: Pick<GalleryPorts, 'exclusive'>,
  job: RowWork & {
    readonly picture: RowPictureBytes | null
    readonly personId: PersonId
    /** `mayBeThere`: another row may just have added the picture, and have made the person. */
    readonly run: (mayBeThere: boolean) => Promise<RowOutcome>
  },
  waiting: Waiting,
): Promise<RowOutcome> {
  const { policies, row, picture, personId, run } = job
  const isAlone = policies.dryRun || policies.samePicture === 'enroll' || row.picture?.from !== 'link'
  if (picture === null || isAlone) return run(false)
  const digest = sha256Hex(Buffer.from(`${personId} ${digestOf({ row, picture })}`))
  const key = `import-picture-${digest.slice(0, DIGITS_OF_KEY)}`
  return alone(gallery, { key, run: () => run(true) }, waiting)
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
