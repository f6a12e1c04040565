import type { PictureRef, PicturesInFlight } from '@semblance/core'
import type { PictureSource } from '@semblance/jobs'
import type { ImageInput } from '../fields/image-field.ts'

/**
 * Puts the picture where a job can get it, runs `task`, and takes the picture away again however the task ends. A link
 * goes along as it is: the worker fetches it.
 */
export function withPicture<T>(
  inFlight: PicturesInFlight,
  image: ImageInput,
  run: { readonly signal: AbortSignal; readonly task: (picture: PictureSource) => Promise<T> },
): Promise<T> {
  const { signal, task } = run
  return withPictures(inFlight, [image], { signal, task: ([picture]) => task(picture as PictureSource) })
}

/** The same for several, in order. */
export async function withPictures<T>(
  inFlight: PicturesInFlight,
  images: readonly ImageInput[],
  run: { readonly signal: AbortSignal; readonly task: (pictures: readonly PictureSource[]) => Promise<T> },
): Promise<T> {
  const refs: PictureRef[] = []
  const sourceOf = async (image: ImageInput): Promise<PictureSource> => {
    const resize = resizeOf(image)
    if (!image.content) return { from: { kind: 'link', url: image.imageUrl ?? '' }, resize }
    const ref = await inFlight.put(image.content, run)
    refs.push(ref)
    return { from: { kind: 'ref', ref }, resize }
  }
  try {
    const pictures: PictureSource[] = []
    for (const image of images) pictures.push(await sourceOf(image))
    return await run.task(pictures)
  } finally {
    // Whatever is not dropped expires: an answer that is there must not be lost with the store of pictures.
    await Promise.allSettled(refs.map((ref) => inFlight.drop(ref)))
  }
}

/** Clients send `quality: 100` alone when their user asked for nothing. */
function resizeOf(image: ImageInput): PictureSource['resize'] {
  const { width = null, height = null, quality } = image.resizeOptions ?? {}
  if (width === null && height === null && (quality ?? 100) === 100) return null
  return { width, height, quality: quality ?? 100 }
}
