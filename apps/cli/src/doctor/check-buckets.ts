import { randomUUID } from 'node:crypto'
import type { ImageId, ImageStore } from '@semblance/core'
import { type Finding, fine, reasonOf, wrong } from './finding.ts'

/** Long enough for a search for credentials that ends in a fault of its own. */
const BUCKET_MS = 15_000

export interface LinkBuckets {
  readonly SEMBLANCE_LINK_S3_BUCKETS: readonly string[]
  readonly SEMBLANCE_LINK_S3_ENDPOINT?: string | undefined
  readonly SEMBLANCE_LINK_S3_REGION: string
  readonly SEMBLANCE_LINK_GS_BUCKETS: readonly string[]
  readonly SEMBLANCE_LINK_GS_ENDPOINT?: string | undefined
}

/** The buckets that links may lead to: whether this process can list them with the credentials that it finds. */
export async function checkLinkBuckets(
  settings: LinkBuckets,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const links = [
    ...settings.SEMBLANCE_LINK_S3_BUCKETS.map((bucket) => `s3://${bucket}/`),
    ...settings.SEMBLANCE_LINK_GS_BUCKETS.map((bucket) => `gs://${bucket}/`),
  ]
  return Promise.all(links.map((link) => checkLink(link, settings, signal)))
}

async function checkLink(link: string, settings: LinkBuckets, signal: AbortSignal): Promise<Finding> {
  const part = `links to ${link}`
  const { createObjectListing } = await import('@semblance/image-links')
  const faults: string[] = []
  const listing = createObjectListing({
    s3: {
      buckets: settings.SEMBLANCE_LINK_S3_BUCKETS,
      region: settings.SEMBLANCE_LINK_S3_REGION,
      endpoint: settings.SEMBLANCE_LINK_S3_ENDPOINT,
    },
    gs: {
      buckets: settings.SEMBLANCE_LINK_GS_BUCKETS,
      endpoint: settings.SEMBLANCE_LINK_GS_ENDPOINT,
    },
    onFault: (message) => faults.push(message),
    timeoutMs: BUCKET_MS,
  })
  try {
    const found = await listing.list({ prefix: link, after: null, limit: 1 }, { signal })
    if (found.outcome === 'listed') return fine(part, 'the bucket can be listed')
    const why = faults.at(-1) ?? found.reason
    return wrong(part, `the bucket cannot be listed (${why})`, adviceFor(link, why))
  } finally {
    await listing.close()
  }
}

function adviceFor(link: string, why: string): string {
  const isS3 = link.startsWith('s3:')
  const names = isS3 ? 'SEMBLANCE_LINK_S3' : 'SEMBLANCE_LINK_GS'
  if (/NoSuchBucket|NotFound|404/.test(why)) return `make the bucket, or take it out of ${names}_BUCKETS`
  if (/CredentialsProvider|no-credentials|default credentials/i.test(why))
    return isS3
      ? 'give credentials as the AWS SDK finds them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, a file, or a role of the machine'
      : 'give credentials as the libraries of Google find them: GOOGLE_APPLICATION_CREDENTIALS, or the service account of the machine'
  if (/AccessDenied|Forbidden|Signature|InvalidAccessKey|403|401/i.test(why))
    return 'allow these credentials to list the bucket and to read its objects'
  return `see that ${names}_ENDPOINT can be reached, that the bucket is there, and that the credentials may list and read it`
}

export interface PictureBucket {
  readonly SEMBLANCE_PICTURES: 'mongo' | 's3'
  readonly SEMBLANCE_S3_BUCKET?: string | undefined
  readonly SEMBLANCE_S3_ENDPOINT?: string | undefined
  readonly SEMBLANCE_S3_REGION: string
  readonly SEMBLANCE_S3_PREFIX: string
  readonly SEMBLANCE_S3_ENCRYPTION?: 'AES256' | 'aws:kms' | undefined
}

/** What is tried, in this order. */
type Tried = 'list' | 'write' | 'read' | 'delete'

const ADVICE: Readonly<Record<Tried, string>> = {
  list: 'look at SEMBLANCE_S3_BUCKET, SEMBLANCE_S3_ENDPOINT, SEMBLANCE_S3_REGION and the credentials (found as the AWS SDK finds them), which need s3:ListBucket',
  write:
    'allow these credentials s3:PutObject below SEMBLANCE_S3_PREFIX, and look at SEMBLANCE_S3_ENCRYPTION',
  read: 'allow these credentials s3:GetObject below SEMBLANCE_S3_PREFIX',
  delete:
    'allow these credentials s3:DeleteObject below SEMBLANCE_S3_PREFIX: without it, pictures of deleted persons stay',
}

/** The bucket of pictures, if there is one: a small object is written below its prefix, read and deleted. */
export async function checkPictureBucket(
  settings: PictureBucket,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { SEMBLANCE_PICTURES: kind, SEMBLANCE_S3_BUCKET: bucket } = settings
  if (kind !== 's3' || bucket === undefined) return []
  const part = `pictures in s3://${bucket}`
  let tried: Tried = 'list'
  const store = await openBucket(bucket, settings)
  try {
    await tryAll(store, signal, (next) => {
      tried = next
    })
    return [fine(part, 'objects can be listed, written, read and deleted')]
  } catch (fault) {
    signal.throwIfAborted()
    return [wrong(part, `it cannot ${tried} objects: ${reasonOf(fault)}`, ADVICE[tried])]
  } finally {
    await store.close()
  }
}

async function openBucket(bucket: string, settings: PictureBucket): Promise<ImageStore> {
  const { openS3ImageStore } = await import('@semblance/store-mongo')
  const { SEMBLANCE_S3_ENDPOINT: endpoint, SEMBLANCE_S3_ENCRYPTION: serverSideEncryption } = settings
  return openS3ImageStore({
    bucket,
    region: settings.SEMBLANCE_S3_REGION,
    prefix: `${settings.SEMBLANCE_S3_PREFIX}${PROBES}`,
    endpoint,
    forcePathStyle: endpoint !== undefined,
    serverSideEncryption,
  })
}

/** Apart from pictures: what a doctor that was killed leaves is none without a record. */
const PROBES = 'doctor/'

async function tryAll(store: ImageStore, signal: AbortSignal, onStep: (next: Tried) => void): Promise<void> {
  const id = randomUUID() as ImageId
  const probe = Buffer.from('semblance doctor')
  await store.list({ after: null, limit: 1, untouchedMs: 0 }, { signal })
  onStep('write')
  await store.put(id, probe, { signal })
  onStep('read')
  const read = await store.get(id, { signal }).catch((fault: unknown) => fault as Error)
  if (!(read instanceof Uint8Array) || !probe.equals(read)) {
    // It is taken away all the same; what is told is the first fault.
    await store.delete(id, { signal }).catch(() => {})
    throw read instanceof Error ? read : new Error('what was read is not what was written')
  }
  onStep('delete')
  await store.delete(id, { signal })
}
