import { cosineOf, type QualityModel, qualityOfSigns } from '@semblance/core'
import type { SeenPhoto } from './damaged-photos.ts'
import { fitQuality, type MatedPair, sharesOf } from './fit-quality.ts'

/** Shares of the worst pairs that are turned away. */
const REJECTED = [0.05, 0.1, 0.2, 0.3]

/** What `npm run evaluate -- FOLDER --fit FILE` prints: `quality` for pack.json, and how well it predicts misses. */
export function qualityReport(photos: readonly SeenPhoto[], operatingPoint: number): string {
  const people = [...new Set(photos.map(({ person }) => person))].toSorted()
  const half = new Set(people.filter((_, at) => at % 2 === 0))
  const learnt = fitQuality(
    matedPairs(
      photos.filter(({ person }) => half.has(person)),
      operatingPoint,
    ),
  )
  const others = photos.filter(({ person }) => !half.has(person))
  const curve = errorAgainstReject(matedPairs(others, operatingPoint), learnt)
  // What stands in the pack is learnt on everybody; what is reported, on the half that is not judged.
  const model = fitQuality(matedPairs(photos, operatingPoint))
  return [
    JSON.stringify({ quality: model }, null, 2),
    '',
    'Misses that go with the worst pairs, learnt on one half of the people and told of the other:',
    ...curve,
  ].join('\n')
}

function matedPairs(photos: readonly SeenPhoto[], operatingPoint: number): readonly MatedPair[] {
  const enrolled = new Map(
    photos.flatMap(({ person, role, face }) => (role === 'gallery' && face !== null ? [[person, face]] : [])),
  )
  return photos.flatMap((photo) => {
    const { role, person, face } = photo
    const own = enrolled.get(person)
    if (role !== 'probe' || face === null || own === undefined) return []
    const isMiss = cosineOf(face.descriptor, own.descriptor) < operatingPoint
    return [{ photo: { ...photo, face }, enrolled: own, isMiss }]
  })
}

/** A pair is as good as the worse of its two faces. */
function errorAgainstReject(pairs: readonly MatedPair[], model: QualityModel): readonly string[] {
  const shares = sharesOf(pairs)
  const rows = pairs
    .map(({ photo, enrolled, isMiss }, at) => ({
      quality: Math.min(...[photo.face, enrolled].map(({ signs }) => qualityOfSigns(signs, model).value)),
      share: shares[at] ?? 0,
      isMiss,
    }))
    .toSorted((one, other) => one.quality - other.quality)
  const missed = rows.reduce((sum, { share, isMiss }) => sum + (isMiss ? share : 0), 0)
  const lines = REJECTED.map((rejected) => {
    let [share, gone] = [0, 0]
    for (const row of rows) {
      if (share >= rejected) break
      share += row.share
      if (row.isMiss) gone += row.share
    }
    return `worst ${rejected * 100} %: ${((100 * gone) / missed).toFixed(1)} % of the misses`
  })
  return [`${pairs.length} pairs, FNIR at distance 1: ${(100 * missed).toFixed(1)} %`, ...lines]
}
