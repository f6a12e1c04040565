import {
  type CompareDeps,
  type ComparedPicture,
  comparePictures,
  type EngineWork,
  type PictureToCompare,
} from '@semblance/core'
import type { ComparePayload } from '../catalogue.ts'
import type { ComparedPictureResult, CompareResult } from '../job-results.ts'
import { detectionOf } from './detection-of.ts'
import { elapsedSince } from './elapsed-since.ts'
import { obtainPicture, type PictureDeps } from './obtain-picture.ts'

/** A picture that cannot be had or read is told in its place; the others are compared all the same. */
export async function handleCompare(
  deps: PictureDeps & CompareDeps,
  payload: ComparePayload,
  work: EngineWork,
): Promise<CompareResult> {
  const begun = performance.now()
  const pictures: PictureToCompare[] = []
  const results = new Map<number, ComparedPictureResult>()
  const obtain = async (wanted: ComparePayload['pictures'][number], position: number) => {
    const obtained = await obtainPicture(deps, wanted.picture, work)
    if (obtained.outcome === 'obtained') pictures.push({ ...wanted, bytes: obtained.bytes, position })
    else results.set(position, obtained)
  }
  await Promise.all(payload.pictures.map(obtain))
  pictures.sort((a, b) => a.position - b.position)
  const outcome = await comparePictures(deps, { pictures, request: payload }, work)
  if (outcome.outcome !== 'compared') return outcome
  for (const compared of outcome.pictures) results.set(compared.position, resultOf(compared))
  return {
    outcome: 'compared',
    pictures: payload.pictures.flatMap((_, position) => results.get(position) ?? []),
    comparisons: outcome.comparisons,
    elapsedMs: elapsedSince(begun),
  }
}

function resultOf(compared: ComparedPicture): ComparedPictureResult {
  if (compared.outcome !== 'faces') {
    const { position: _, ...problem } = compared
    return problem
  }
  const faces = compared.faces.map(({ face, persons }) => ({ detection: detectionOf(face), persons }))
  return { outcome: 'faces', faces }
}
