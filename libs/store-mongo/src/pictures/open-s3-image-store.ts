import type { ImageStore } from '@semblance/core'

export interface S3ImageStoreOptions {
  readonly bucket: string
  /** The text before each image id, for instance `pictures/`; empty for the top of the bucket. */
  readonly prefix: string
  readonly region: string
  /** URL of a server other than AWS's own. */
  readonly endpoint?: string | undefined
  /** The bucket in the path instead of the host name, as most servers other than AWS's want it. */
  readonly forcePathStyle?: boolean | undefined
  /** The SDK's own chain decides if these are left out (environment, web identity, profile, role of the machine). */
  readonly credentials?: S3Credentials | undefined
  /** The bucket's own setting decides if this is left out. */
  readonly serverSideEncryption?: 'AES256' | 'aws:kms' | undefined
  /** The time for one attempt; default 5 s. */
  readonly attemptTimeoutMs?: number | undefined
  /** The time for a call with all its attempts; default 12 s. */
  readonly timeoutMs?: number | undefined
}

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/**
 * Asks nothing of the server yet: one that is away at the start makes `check` fail, not this. The bucket must keep no
 * versions, or deleted pictures stay in it.
 */
export async function openS3ImageStore(options: S3ImageStoreOptions): Promise<ImageStore> {
  // The SDK takes 35 MB and a good part of a second: only for those who keep pictures there.
  const { S3ImageStore } = await import('./s3-image-store.ts')
  return new S3ImageStore(options)
}
