import { useMutation } from '@tanstack/react-query'
import { useText } from '../../language/language.tsx'
import { ProblemText } from '../../parts/states.tsx'
import { addressOf } from '../../server/place.ts'
import { useProbes } from './probes.tsx'

/** They lie beside the page, under names that stay: the steps for a terminal name them, too. Both show one person. */
export const SAMPLES = ['sample-1.jpg', 'sample-2.jpg'] as const

export function isSample(name: string): boolean {
  return SAMPLES.some((sample) => sample === name)
}

/** Pictures for whoever has none at hand; a click searches with one. */
export function Samples({ hint }: { readonly hint: string }) {
  const text = useText()
  const probes = useProbes()
  const take = useMutation({
    mutationFn: async (name: string) => {
      const answer = await fetch(addressOf(`/${name}`))
      if (!answer.ok) throw new Error(`the sample answered ${answer.status}`)
      probes.add([new File([await answer.blob()], name, { type: 'image/jpeg' })])
    },
  })
  return (
    <section className="samples" aria-label={text.first.samples}>
      <p>{hint}</p>
      <ul>
        {SAMPLES.map((name, place) => (
          <li key={name}>
            <button type="button" className="sample" onClick={() => take.mutate(name)}>
              <img src={addressOf(`/${name}`)} alt="" width="72" height="72" />
              <span className="small">{text.first.sample(place + 1)}</span>
            </button>
          </li>
        ))}
      </ul>
      <p className="small quiet">{text.first.samplesFrom}</p>
      <ProblemText error={take.error} />
    </section>
  )
}
