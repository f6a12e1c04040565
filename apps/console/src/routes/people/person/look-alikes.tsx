import { answerOf } from '@semblance/client'
import { useQuery } from '@tanstack/react-query'
import { useFormats } from '../../../language/formats.ts'
import { useText } from '../../../language/language.tsx'
import { PersonPicture } from '../../../parts/person-picture.tsx'
import { Section } from '../../../parts/section.tsx'
import { Barrier, Skeleton } from '../../../parts/states.tsx'
import { Link } from '../../../router.tsx'
import { api, type FoundPerson, type Person } from '../../../server/api.ts'

const MOST_SHOWN = 8
/** Beyond it nobody looks alike. */
const FARTHEST = 1.15

/** Who is enrolled and near to this person; nothing is decoded for it. */
export function useLookAlikes(person: Person) {
  return useQuery({
    queryKey: ['look-alikes', person.id],
    queryFn: async ({ signal }): Promise<readonly FoundPerson[]> => {
      const body = { personId: person.id, threshold: FARTHEST, limit: MOST_SHOWN }
      const answer = await answerOf(api.POST('/api/search', { body, signal }))
      return 'persons' in answer ? answer.persons : []
    },
  })
}

export function LookAlikes({ person }: { readonly person: Person }) {
  const text = useText()
  const formats = useFormats()
  const found = useLookAlikes(person)
  return (
    <Section title={text.person.lookAlikes}>
      {found.isPending ? <Skeleton kind="rows" /> : null}
      <Barrier of={found} />
      {found.data?.length === 0 ? <p className="quiet">{text.person.noLookAlikes}</p> : null}
      <ul className="image-grid small-tiles">
        {found.data?.map((other) => {
          const distance = other.images[0]?.distance ?? FARTHEST
          return (
            <li key={other.id}>
              <Link to={`/people/${other.id}`} className="alike">
                <PersonPicture personId={other.id} imageId={other.images[0]?.id} side={192} alt="" />
                <span className="tile-name">{other.name}</span>
                <span className="small quiet">{text.search.distance(formats.hundredths(distance))}</span>
              </Link>
            </li>
          )
        })}
      </ul>
    </Section>
  )
}
