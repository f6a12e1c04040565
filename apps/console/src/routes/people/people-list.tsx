import { useMemo, useState } from 'react'
import { useText } from '../../language/language.tsx'
import { Empty, Problem, Skeleton } from '../../parts/states.tsx'
import { Link } from '../../router.tsx'
import { PeopleGrid } from './people-grid.tsx'
import { isNarrowed, type PeopleFilter, usePeople } from './people-query.ts'
import { SelectionBar } from './selection-bar.tsx'

const NOBODY: ReadonlySet<string> = new Set()

interface PeopleListProps {
  readonly filter: PeopleFilter
  /** One group as a whole, which is no filter that somebody chose. */
  readonly isGroup?: boolean
}

/** A grid of people, whoever of them is selected, and what can be done with those. */
export function PeopleList({ filter, isGroup = false }: PeopleListProps) {
  const text = useText()
  const people = usePeople(filter)
  const [selected, setSelected] = useState(NOBODY)
  const persons = useMemo(() => people.data?.pages.flatMap(({ items }) => items) ?? [], [people.data])
  if (people.isPending) return <Skeleton kind="tiles" />
  if (people.isError) return <Problem error={people.error} onRetry={people.refetch} />
  if (persons.length === 0 && !people.hasNextPage) {
    return isNarrowed(filter) ? (
      <Empty icon="search" title={isGroup ? text.groups.empty : text.people.noneFound}>
        <p className="quiet">{isGroup ? text.groups.emptyHint : text.people.noneFoundHint}</p>
      </Empty>
    ) : (
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
  return (
    <>
      <SelectionBar
        isGroup={isGroup}
        persons={persons}
        selected={selected}
        // Whoever is exported or deleted by the filter is who stands in the list.
        filter={{ ...filter, namePrefix: people.data.pages[0]?.namePrefix ?? filter.namePrefix }}
        onDone={() => setSelected(NOBODY)}
      />
      <PeopleGrid
        persons={persons}
        selected={selected}
        onSelect={setSelected}
        onEnd={() => {
          if (people.hasNextPage && !people.isFetchingNextPage) void people.fetchNextPage()
        }}
      />
    </>
  )
}
