import type { PicturesInFlight } from '@semblance/core'
import type { PictureSource } from '@semblance/jobs'
import type { ImageInput } from '../fields/image-field.ts'

/**
 * Puts the picture where a job can get it, runs `task`, and takes the picture away again however the task ends. A link
 * goes along as it is: the worker fetches it.
 */
export async function withPicture<T>(
  inFlight: PicturesInFlight,
  image: ImageInput,
  run: { readonly signal: AbortSignal; readonly task: (picture: PictureSource) => Promise<T> },
): Promise<T> {
  const resize = resizeOf(image)
  if (!image.content) return run.task({ from: { kind: 'link', url: image.imageUrl ?? '' }, resize })
  const ref = await inFlight.put(image.content, run)
  try {
    return await run.task({ from: { kind: 'ref', ref }, resize })
  } finally {
    await inFlight.drop(ref)
  }
}

/** Clients send `quality: 100` alone when their user asked for nothing. */
function resizeOf(image: ImageInput): PictureSource['resize'] {
  const { width = null, height = null, quality } = image.resizeOptions ?? {}
  if (width === null && height === null && (quality ?? 100) === 100) return null
  return { width, height, quality: quality ?? 100 }
}
