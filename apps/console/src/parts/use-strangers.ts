import { useFormats } from '../language/formats.ts'
import { useText } from '../language/language.tsx'
import { useStrangerRates } from '../server/queries.ts'
import { type Frequency, strangersWithin } from './likeness.ts'

/** The words for each kind of frequency; `bound` begins the sentence. */
type Sayings = Readonly<Record<Frequency['kind'], (bound: string, number: string) => string>>

/**
 * Says how often a stranger is so near to any of so many pictures.
 * @param compared a picture with the gallery, or with another picture
 * @returns empty where there is nothing to say: no pictures, or the server has not answered yet
 */
export function useStrangers(compared: 'search' | 'match', pictures: number) {
  const text = useText()
  const formats = useFormats()
  const rates = useStrangerRates()
  return (distance: number, sayings: Sayings): string => {
    if (rates.isPending) return ''
    const often = strangersWithin(distance, pictures, rates.data?.[compared])
    if (often === null) return ''
    return sayings[often.kind](text.search.bounds[often.bound], formats.whole(often.number))
  }
}
