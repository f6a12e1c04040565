import {
  type EngineWork,
  type EnrollRowDeps,
  enrollRow,
  type FaceEngine,
  faultOfRowPicture,
  type GalleryPorts,
  type ImageStore,
  type ImportStore,
  isPassingRefusal,
  jobFailed,
  type LinkRefusal,
  type ResizeRequest,
  ROW_OF_DELETED,
  type RowOutcome,
  type RowPicture,
  type RowPictureBytes,
  whyLinkRefused,
  withoutUser,
} from '@semblance/core'
import { type ImportRowPayload, linkSource } from '../catalogue.ts'
import { obtainPicture, type PictureDeps } from './obtain-picture.ts'
import type { RowsAside } from './rows-aside.ts'

/** What jobs of imports need beside the gallery. */
export interface Importing {
  readonly imports: Pick<ImportStore, 'rows' | 'persons'>
  /** Pictures that wait for their row. */
  readonly staged: Pick<ImageStore, 'get'>
}

interface ImportRowDeps extends PictureDeps {
  readonly gallery: GalleryPorts
  readonly importing?: Importing | undefined
  readonly rowsAside: RowsAside
}

const NAME = 'import-row'

/** Does one row of an import. A row that is gone, or has another key, is about a person who was deleted. */
export function handleImportRow(
  deps: ImportRowDeps,
  payload: ImportRowPayload,
  work: EngineWork,
): Promise<RowOutcome> {
  return deps.rowsAside.run(work, (onWriting) => doRow({ ...deps, onWriting }, payload, work))
}

async function doRow(
  deps: ImportRowDeps & Pick<EnrollRowDeps, 'onWriting'>,
  payload: ImportRowPayload,
  work: EngineWork,
): Promise<RowOutcome> {
  const { importId, key, policies, groups, threshold } = payload
  if (deps.importing === undefined) throw jobFailed(NAME, new Error('no store of imports is open here'))
  const { imports, staged } = deps.importing
  const row = await imports.rows.find(importId, key, work)
  if (row === null) return ROW_OF_DELETED
  // It was cancelled, or another process ended it, while its job waited.
  if (row.outcome !== null) return row.outcome
  // Its person was deleted while its job waited, and a row that was sent since has its key: that one has a job of its own.
  if (!isOfRow(payload.picture, row.picture)) return ROW_OF_DELETED
  const job = { importId, policies, groups, row, threshold }
  const enroll = (picture: RowPictureBytes | null) =>
    enrollRow({ ...deps, imports }, { ...job, picture }, work)
  if (payload.picture === null) return enroll(null)
  const sent = await bytesOf({ ...deps, staged }, payload.picture, work)
  if ('kind' in sent) return sent
  // An image that is brought back keeps its bytes.
  const resize = row.restore?.image === undefined ? policies.resize : null
  const picture = await shrink(deps.engine, { sent: sent.bytes, resize }, work)
  return 'kind' in picture ? picture : enroll(picture)
}

function isOfRow(named: ImportRowPayload['picture'], picture: RowPicture | null): boolean {
  if (named === null || picture === null) return named === picture
  if (named.from === 'staged') return picture.from === 'staged' && picture.stagedId === named.stagedId
  // The link may have been blanked since the job was handed out, or be still to be.
  return picture.from === 'link' && withoutUser(picture.url) === withoutUser(named.url)
}

/** The picture as it was sent, or how the row ends without it. */
async function bytesOf(
  deps: PictureDeps & Pick<Importing, 'staged'>,
  picture: NonNullable<ImportRowPayload['picture']>,
  work: EngineWork,
): Promise<{ readonly bytes: Uint8Array } | RowOutcome> {
  if (picture.from === 'staged') {
    const bytes = await deps.staged.get(picture.stagedId, work)
    if (bytes === null) throw jobFailed(NAME, new Error('a staged picture is not there'))
    return { bytes }
  }
  const obtained = await obtainPicture(deps, linkSource(picture.url), work)
  if (obtained.outcome === 'obtained') return obtained
  if (obtained.outcome === 'link-refused') return withoutPicture(picture.url, obtained.reason)
  return faultOfRowPicture(obtained)
}

/** A server that is away, or that broke off, may give the picture another time: the row keeps its link for that. */
function withoutPicture(url: string, reason: LinkRefusal): RowOutcome {
  if (!isPassingRefusal(reason)) return { kind: 'link-refused', why: whyLinkRefused(url, reason) }
  return { kind: 'failed', why: `the link gave no picture: ${reason}`, isPassing: true }
}

/** The picture as it is to be enrolled, too. */
async function shrink(
  engine: FaceEngine,
  { sent, resize }: { readonly sent: Uint8Array; readonly resize: ResizeRequest | null },
  work: EngineWork,
): Promise<RowPictureBytes | RowOutcome> {
  if (resize === null) return { sent, shrunk: sent }
  const resized = await engine.resize(sent, resize, work)
  return resized.outcome === 'resized' ? { sent, shrunk: resized.bytes } : faultOfRowPicture(resized)
}
