import { useFormats } from '../language/formats.ts'
import { useText } from '../language/language.tsx'
import { strangersWithinOne } from './likeness.ts'

/** For how many strangers some picture lies within distance 1, in words: `1.8 of 1,000`, or `1 of 100,000`. */
export function useStrangers(pictures: number): string {
  const text = useText()
  const formats = useFormats()
  const share = strangersWithinOne(pictures)
  if (share === 0) return text.search.of('0', formats.whole(1000))
  if (share >= 0.001) return text.search.of(formats.short(1000 * share), formats.whole(1000))
  return text.search.of('1', formats.whole(Number((1 / share).toPrecision(2))))
}
