import { type CompareDeps, type ComparedPicture, comparePictures, type EngineWork } from '@semblance/core'
import type { ComparePayload } from '../catalogue.ts'
import type { ComparedPictureResult, CompareResult } from '../job-results.ts'
import { obtainPicture, type PictureDeps } from './obtain-picture.ts'
import { detectionOf, elapsedSince } from './result-parts.ts'

/** A picture that cannot be had or read is told in its place; the others are compared all the same. */
export async function handleCompare(
  deps: PictureDeps & CompareDeps,
  payload: ComparePayload,
  work: EngineWork,
): Promise<CompareResult> {
  const begun = performance.now()
  const obtained = await Promise.all(
    payload.pictures.map(({ picture }) => obtainPicture(deps, picture, work)),
  )
  const pictures = payload.pictures.flatMap((wanted, position) => {
    const source = obtained[position]
    return source?.outcome === 'obtained' ? [{ ...wanted, position, bytes: source.bytes }] : []
  })
  const outcome = await comparePictures(deps, { pictures, request: payload }, work)
  if (outcome.outcome !== 'compared') return outcome
  const compared = new Map(outcome.pictures.map((picture) => [picture.position, resultOf(picture)]))
  return {
    outcome: 'compared',
    pictures: obtained.flatMap((source, position) =>
      source.outcome === 'obtained' ? (compared.get(position) ?? []) : source,
    ),
    comparisons: outcome.comparisons,
    elapsedMs: elapsedSince(begun),
    ...(outcome.reach === null ? {} : { reach: outcome.reach }),
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
