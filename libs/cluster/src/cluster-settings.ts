import { clusterSettings } from '@semblance/config'
import { MAX_PICTURE_BYTES } from '@semblance/store-mongo'
import { z } from 'zod'

/** A picture in Base64 is a third longer. */
const MONGO_BODY_BYTES = (MAX_PICTURE_BYTES * 4) / 3

/** Largest picture that may be taken from behind a link, or out of a form. */
export function maxPictureBytes(
  settings: Pick<ClusterSettings, 'SEMBLANCE_PICTURES'> & { readonly SEMBLANCE_MAX_BODY_BYTES: number },
): number {
  const limit = settings.SEMBLANCE_MAX_BODY_BYTES
  return settings.SEMBLANCE_PICTURES === 'mongo' ? Math.min(limit, MAX_PICTURE_BYTES) : limit
}

/** A picture of this size that waits for a worker would hold up Redis; it waits beside the enrolled ones. */
const LARGE_PICTURE_BYTES = 4_000_000

/** Sizes of pictures that do not wait in Redis. */
export function largePictureBytes(settings: Pick<ClusterSettings, 'SEMBLANCE_PICTURES'>): {
  readonly fromBytes: number
  readonly toBytes: number
} {
  const toBytes = settings.SEMBLANCE_PICTURES === 'mongo' ? MAX_PICTURE_BYTES : Number.MAX_SAFE_INTEGER
  return { fromBytes: LARGE_PICTURE_BYTES, toBytes }
}

/** Where pictures lie that are not enrolled yet: a collection, or what follows the prefix in the bucket. */
export interface PlaceApart {
  readonly collection: string
  readonly folder: string
}

export const STAGED_PLACE: PlaceApart = { collection: 'stagedPictures', folder: 'staged/' }

/** Where an operator finds an enrolled picture. */
export function placeOfPicture(settings: ClusterSettings, id: string): string {
  if (settings.SEMBLANCE_PICTURES === 'mongo')
    return `${settings.SEMBLANCE_NAME}.pictures in MongoDB, _id ${id}`
  return `s3://${settings.SEMBLANCE_S3_BUCKET}/${settings.SEMBLANCE_S3_PREFIX}${id}`
}

/** Where an operator finds a picture that waits for its row of an import. */
export function placeOfStaged(settings: ClusterSettings, id: string): string {
  if (settings.SEMBLANCE_PICTURES === 'mongo')
    return `${settings.SEMBLANCE_NAME}.${STAGED_PLACE.collection} in MongoDB, _id ${id}`
  return `s3://${settings.SEMBLANCE_S3_BUCKET}/${settings.SEMBLANCE_S3_PREFIX}${STAGED_PLACE.folder}${id}`
}

/** Says what is missing before any server is asked; for `.superRefine` of an app's schema. */
export function checkClusterSettings(
  settings: ClusterSettings & { readonly SEMBLANCE_MAX_BODY_BYTES?: number },
  context: z.RefinementCtx,
): void {
  const { SEMBLANCE_PICTURES: pictures, SEMBLANCE_MAX_BODY_BYTES: maxBody = 0 } = settings
  if (pictures === 'mongo' && maxBody > MONGO_BODY_BYTES) {
    const message = `at most ${MONGO_BODY_BYTES}, since SEMBLANCE_PICTURES is mongo`
    context.addIssue({ code: 'custom', path: ['SEMBLANCE_MAX_BODY_BYTES'], message })
  }
  const { SEMBLANCE_QDRANT_REPLICAS: replicas, SEMBLANCE_QDRANT_WRITE_CONSISTENCY: acknowledging } = settings
  if (acknowledging > replicas) {
    const message = `at most ${replicas}, the number of replicas (SEMBLANCE_QDRANT_REPLICAS)`
    context.addIssue({ code: 'custom', path: ['SEMBLANCE_QDRANT_WRITE_CONSISTENCY'], message })
  }
  if (pictures === 's3' && settings.SEMBLANCE_S3_BUCKET === undefined) {
    const message = 'the name of a bucket, since SEMBLANCE_PICTURES is s3'
    context.addIssue({ code: 'custom', path: ['SEMBLANCE_S3_BUCKET'], message })
  }
}

const { SEMBLANCE_REDIS_URL: _queue, ...stores } = clusterSettings
/** Of `clusterSettings`, those that the stores of a gallery are opened by: its queue has no part in them. */
export const storeSettings = stores

const schema = z.object(storeSettings)
export type ClusterSettings = Readonly<z.output<typeof schema>>
