import { ListObjectsV2Command, type ListObjectsV2CommandOutput, type S3Client } from '@aws-sdk/client-s3'
import { type ImageId, isUuid } from '@semblance/core'

export interface S3PicturePage {
  /** The pictures by increasing id; what else lies below the prefix is left out. */
  readonly pictures: readonly { readonly id: ImageId; readonly writtenAt: number }[]
  /** The server's time when it answered, to the second below; the same clock wrote `writtenAt`. */
  readonly serverNow: number
  /** Key after which the next page begins; null on the last page. */
  readonly next: string | null
}

/** One page of the objects below a prefix, by increasing key (so not on S3 Express, which lists in no order). */
export async function listS3Pictures(
  client: S3Client,
  place: { readonly bucket: string; readonly prefix: string; readonly startAfter: string | null },
  abortSignal: AbortSignal,
): Promise<S3PicturePage> {
  const command = new ListObjectsV2Command({
    Bucket: place.bucket,
    Prefix: place.prefix,
    ...(place.startAfter !== null && { StartAfter: place.startAfter }),
  })
  let date: string | undefined
  command.middlewareStack.add(
    (next) => async (request) => {
      const answer = await next(request)
      date = dateOf(answer.response)
      return answer
    },
    { step: 'deserialize', name: 'readDateHeader' },
  )
  const { Contents = [], IsTruncated } = await client.send(command, { abortSignal })
  return {
    pictures: picturesOf(Contents, place.prefix),
    serverNow: parseDate(date),
    next: IsTruncated === true ? (Contents.at(-1)?.Key ?? null) : null,
  }
}

function picturesOf(contents: NonNullable<ListObjectsV2CommandOutput['Contents']>, prefix: string) {
  return contents.flatMap(({ Key, LastModified }) => {
    const id = Key?.slice(prefix.length) ?? ''
    return isUuid(id) && LastModified !== undefined
      ? [{ id: id as ImageId, writtenAt: LastModified.getTime() }]
      : []
  })
}

function dateOf(response: unknown): string | undefined {
  const { headers } = response as { readonly headers?: { readonly date?: string } }
  return headers?.date
}

function parseDate(header: string | undefined): number {
  const time = Date.parse(header ?? '')
  // Our own clock may be a minute wrong, and a picture that is being enrolled would be taken for an orphan.
  if (Number.isNaN(time)) throw Object.assign(new Error('the S3 server sends no Date'), { code: 'NO_DATE' })
  return time
}
