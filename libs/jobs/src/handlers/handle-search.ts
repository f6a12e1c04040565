import { type EngineWork, type GalleryPorts, type SearchOutcome, searchPicture } from '@semblance/core'
import type { SearchPayload } from '../catalogue.ts'
import type { SearchResult } from '../job-results.ts'
import { obtainPicture, type PictureDeps } from './obtain-picture.ts'
import { detectionOf } from './result-parts.ts'

export async function handleSearch(
  deps: PictureDeps & { readonly gallery: GalleryPorts },
  payload: SearchPayload,
  work: EngineWork,
): Promise<SearchResult> {
  const picture = await obtainPicture(deps, payload.picture, work)
  if (picture.outcome !== 'obtained') return picture
  return searchResultOf(await searchPicture(deps, { picture: picture.bytes, request: payload }, work))
}

function searchResultOf(outcome: SearchOutcome): SearchResult {
  if (outcome.outcome === 'created') {
    const { person, image } = outcome.created
    return { outcome: 'created', person, image, detection: detectionOf(outcome.face) }
  }
  if (outcome.outcome !== 'searched') return outcome
  const faces = outcome.faces.map(({ face, persons }) => ({ detection: detectionOf(face), persons }))
  const { reach } = outcome
  return { outcome: 'searched', faces, ...(reach === null ? {} : { reach }) }
}
