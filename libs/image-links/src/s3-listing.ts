import { ListObjectsV2Command, type S3Client, S3ServiceException } from '@aws-sdk/client-s3'
import type { ObjectsOutcome } from '@semblance/core'
import type { BucketListing } from './object-listing.ts'
import { openS3Client, type S3SourceDeps } from './s3-source.ts'

/** Keys of buckets of S3. */
export class S3Listing implements BucketListing {
  readonly #tellFault: S3SourceDeps['tellFault']
  readonly #client: S3Client

  constructor(deps: Pick<S3SourceDeps, 'region' | 'endpoint' | 'tellFault'>) {
    this.#tellFault = deps.tellFault
    this.#client = openS3Client(deps)
  }

  async list(
    { bucket, prefix, after, limit }: Parameters<BucketListing['list']>[0],
    abortSignal: AbortSignal,
  ): Promise<ObjectsOutcome> {
    const command = new ListObjectsV2Command({
      ...{ Bucket: bucket, Prefix: prefix, MaxKeys: limit },
      // A key may have characters that XML has not.
      EncodingType: 'url',
      ...(after !== null && { StartAfter: after }),
    })
    try {
      const answer = await this.#client.send(command, { abortSignal })
      const isEncoded = answer.EncodingType === 'url'
      const keys = (answer.Contents ?? []).flatMap(({ Key = '' }) => (isEncoded ? decodeKey(Key) : Key))
      return { outcome: 'listed', keys, isEnd: answer.IsTruncated !== true }
    } catch (fault) {
      if (abortSignal.aborted) throw fault
      const status = fault instanceof S3ServiceException ? fault.$metadata.httpStatusCode : undefined
      this.#tellFault('s3', fault instanceof Error ? fault.name : 'unknown')
      // 429 is a bucket that is asked too often.
      const isNo = status !== undefined && status < 500 && status !== 429
      return { outcome: 'refused', reason: isNo ? 'bad-status' : 'unreachable' }
    }
  }

  close(): void {
    this.#client.destroy()
  }
}

function decodeKey(key: string): string {
  return decodeURIComponent(key.replaceAll('+', ' '))
}
