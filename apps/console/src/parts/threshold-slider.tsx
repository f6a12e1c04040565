import { useId } from 'react'
import { useFormats } from '../language/formats.ts'
import { useText } from '../language/language.tsx'
import { useStrangers } from './use-strangers.ts'

/** Distances between which somebody can be meant at all. */
const STRICTEST = 0.5
const LOOSEST = 1.2

interface ThresholdSliderProps {
  readonly value: number
  readonly onChange: (value: number) => void
  /** In the gallery. */
  readonly pictures: number
}

/** How near is near enough, and what that costs with strangers. It sorts what was found; it searches nothing. */
export function ThresholdSlider({ value, onChange, pictures }: ThresholdSliderProps) {
  const text = useText()
  const formats = useFormats()
  const id = useId()
  const strangers = useStrangers('search', pictures)
  return (
    <div className="threshold">
      <label htmlFor={id}>{text.search.threshold}</label>
      <output htmlFor={id}>{formats.hundredths(value)}</output>
      <input
        id={id}
        type="range"
        min={STRICTEST}
        max={LOOSEST}
        step={0.01}
        value={value}
        aria-valuetext={text.search.distance(formats.hundredths(value))}
        onChange={({ currentTarget }) => onChange(currentTarget.valueAsNumber)}
      />
      <span className="ends small quiet" aria-hidden="true">
        <span>{text.search.stricter}</span>
        <span>{text.search.looser}</span>
      </span>
      <p className="small quiet">{strangers(value, text.search.strangersWithin)}</p>
    </div>
  )
}
