import { useText } from '../../language/language.tsx'
import { useAnnounce } from '../../parts/notices.tsx'
import { barrierOf, Empty, Problem, Skeleton } from '../../parts/states.tsx'
import { Link } from '../../router.tsx'
import { PeopleGrid } from './people-grid.tsx'
import { isNarrowed, type PeopleFilter } from './people-query.ts'
import { SelectionBar } from './selection-bar.tsx'
import { usePeopleList } from './use-people-list.ts'
import { useSelection } from './use-selection.ts'

/** Beyond it there are the buttons for all whom a filter leaves, which count on the server. */
const MOST_SELECTED = 1000

interface PeopleListProps {
  readonly filter: PeopleFilter
  /** One group as a whole, which is no filter that somebody chose. */
  readonly isGroup?: boolean
}

/** A grid of people, whoever of them is selected, and what can be done with those. */
export function PeopleList({ filter, isGroup = false }: PeopleListProps) {
  const people = usePeopleList(filter)
  const selection = useSelection(people)
  const { selected, select, deselect, clear } = selection
  const text = useText()
  const announce = useAnnounce()
  const barrier = barrierOf(people)
  if (barrier !== null) return <Problem error={barrier} onRetry={people.refetch} />
  if (people.isPending) return <Skeleton kind="tiles" />
  if (people.total === 0 && people.isTotalKnown) return <NoPeople filter={filter} isGroup={isGroup} />
  const selectBetween = async (from: number, to: number) => {
    if (to - from >= MOST_SELECTED) return announce(text.people.tooMany(MOST_SELECTED))
    select(await people.between(from, to))
  }
  return (
    <>
      <SelectionBar isGroup={isGroup} selection={selection} filter={people.filter} found={people} />
      <div aria-busy={people.isChanging} className={people.isChanging ? 'changing' : ''}>
        <PeopleGrid
          total={people.total}
          isTotalKnown={people.isTotalKnown}
          at={people.at}
          selected={selected}
          onToggle={(person) => (selected.has(person.id) ? deselect([person.id]) : select([person]))}
          onRange={(from, to) => void selectBetween(from, to)}
          onNobody={clear}
          onSight={people.onSight}
        />
      </div>
    </>
  )
}

function NoPeople({ filter, isGroup }: Required<PeopleListProps>) {
  const text = useText()
  if (isNarrowed(filter)) {
    return (
      <Empty icon="search" title={isGroup ? text.groups.empty : text.people.noneFound}>
        <p className="quiet">{isGroup ? text.groups.emptyHint : text.people.noneFoundHint}</p>
      </Empty>
    )
  }
  return (
    <Empty icon="people" title={text.first.title}>
      <p className="quiet">{text.people.emptyHint}</p>
      <div className="actions">
        <Link to="/search" className="button main">
          {text.people.toSearch}
        </Link>
        <Link to="/imports" className="button">
          {text.people.toImports}
        </Link>
      </div>
    </Empty>
  )
}
