import { useEffect, useState } from 'react'
import { useText } from '../../language/language.tsx'
import { useAnnounce } from '../../parts/notices.tsx'
import { barrierOf, Empty, Problem, Skeleton } from '../../parts/states.tsx'
import { Link } from '../../router.tsx'
import type { Person } from '../../server/api.ts'
import { PeopleGrid } from './people-grid.tsx'
import { isNarrowed, type PeopleFilter } from './people-query.ts'
import { SelectionBar } from './selection-bar.tsx'
import { type PeopleList as List, usePeopleList } from './use-people-list.ts'

/** Who is selected: ids, and the names that belong to them. */
export type Selected = ReadonlyMap<string, string>

const NOBODY: Selected = new Map()
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
  const { selected, select, clear } = useSelection(people)
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
      <SelectionBar isGroup={isGroup} selected={selected} filter={people.filter} onDone={clear} />
      <div aria-busy={people.isChanging} className={people.isChanging ? 'changing' : ''}>
        <PeopleGrid
          total={people.total}
          isTotalKnown={people.isTotalKnown}
          at={people.at}
          selected={selected}
          onToggle={(person) => select([person], selected.has(person.id))}
          onRange={(from, to) => void selectBetween(from, to)}
          onNobody={clear}
          onSight={people.onSight}
        />
      </div>
    </>
  )
}

/**
 * Who is selected in the list that is shown. Another filter leaves whoever its list shows, too: somebody may select while
 * its answer is still to come. Nobody stays selected out of sight.
 */
function useSelection({ filter, isPending, read }: List) {
  const text = useText()
  const announce = useAnnounce()
  const [kept, setKept] = useState({ filter, people: NOBODY, left: 0 })
  if (kept.filter !== filter && !isPending) {
    const people = isReordered(kept.filter, filter) ? kept.people : among(kept.people, read())
    setKept({ filter, people, left: kept.people.size - people.size })
  }
  useEffect(() => {
    if (kept.left > 0) announce(text.people.deselected(kept.left))
  }, [kept, announce, text])
  return {
    selected: kept.people,
    select: (persons: readonly Person[], isTaken = false) =>
      setKept((before) => {
        const people = new Map(before.people)
        for (const { id, name } of persons) {
          if (isTaken) people.delete(id)
          else people.set(id, name)
        }
        return { filter, people, left: 0 }
      }),
    clear: () => setKept({ filter, people: NOBODY, left: 0 }),
  }
}

/** The same people in another order. */
function isReordered(before: PeopleFilter, after: PeopleFilter): boolean {
  return JSON.stringify({ ...before, sort: after.sort }) === JSON.stringify(after)
}

function among(selected: Selected, persons: readonly Person[]): Selected {
  if (selected.size === 0) return NOBODY
  return new Map(persons.filter(({ id }) => selected.has(id)).map(({ id, name }) => [id, name]))
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
