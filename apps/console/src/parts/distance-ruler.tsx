import { useFormats } from '../language/formats.ts'
import { useText } from '../language/language.tsx'

/** Distances at the ends of the ruler; what lies outside stands at its end. */
const FROM = 0.4
const TO = 1.2

function placeOf(distance: number): string {
  return `${100 * Math.min(1, Math.max(0, (distance - FROM) / (TO - FROM)))}%`
}

/** Where a distance lies, and where the threshold is: a filled mark within it, an open one beyond. */
export function DistanceRuler({
  distance,
  threshold,
}: {
  readonly distance: number
  readonly threshold: number
}) {
  const text = useText()
  const formats = useFormats()
  const label = text.search.distanceOf(formats.hundredths(distance), formats.hundredths(threshold))
  return (
    <span className="ruler" role="img" aria-label={label}>
      <span className="ruler-within" style={{ width: placeOf(threshold) }} />
      <span className="ruler-limit" style={{ left: placeOf(threshold) }} />
      <span
        className={distance <= threshold ? 'ruler-mark' : 'ruler-mark open'}
        style={{ left: placeOf(distance) }}
      />
    </span>
  )
}
