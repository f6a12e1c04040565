import { useIsFetching } from '@tanstack/react-query'
import { useText } from '../../language/language.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Live } from '../../parts/live.tsx'
import { distanceOf, EVERYWHERE, useCandidates, useFaces } from './probe-queries.ts'
import { type Probe, useProbes } from './probes.tsx'
import { useDenials } from './use-denials.ts'

/** Many pictures at once: each with how many faces it has, and who is the nearest. */
export function ContactSheet() {
  const text = useText()
  const { all, shown, show } = useProbes()
  const underWay = useIsFetching({ queryKey: ['probe-faces'] })
  return (
    <section className="contacts" aria-label={text.search.pictures}>
      <Live className="small quiet">
        {underWay === 0
          ? text.search.sheet(all.length)
          : text.search.sheetUnderWay(all.length - underWay, all.length)}
      </Live>
      <ul className="contact-sheet">
        {all.map((probe) => (
          <li key={probe.id}>
            <ContactPicture probe={probe} isShown={probe === shown} onShow={() => show(probe.id)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

interface ContactPictureProps {
  readonly probe: Probe
  readonly isShown: boolean
  readonly onShow: () => void
}

function ContactPicture({ probe, isShown, onShow }: ContactPictureProps) {
  const text = useText()
  const faces = useFaces(probe)
  const candidates = useCandidates(probe, faces.data?.faces ?? [], EVERYWHERE)
  const denials = useDenials(probe)
  const nearest = candidates.data?.byFace.flatMap((persons, place) =>
    persons
      .filter((person) => distanceOf(person) <= 1 && !denials.isDenied(place, person.id))
      .map(({ name }) => name),
  )
  const isFailed = faces.isError || candidates.isError
  const note =
    nearest?.join(', ') ||
    (isFailed
      ? text.states.failed
      : faces.data === undefined
        ? text.search.looking
        : faces.data.isUnreadable
          ? text.search.noPicture
          : text.search.faces(faces.data.faces.length))
  return (
    <button type="button" className="contact" aria-pressed={isShown} onClick={onShow}>
      {faces.data?.isUnreadable === true ? (
        <span className="picture none">
          <Icon name="warning" />
        </span>
      ) : (
        <img src={probe.url} alt="" loading="lazy" decoding="async" />
      )}
      <span className="small">{note}</span>
    </button>
  )
}
