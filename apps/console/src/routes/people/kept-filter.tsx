import { createContext, type ReactNode, useContext, useMemo, useState } from 'react'
import { EVERYBODY, type PeopleFilter } from './people-query.ts'

interface KeptFilter {
  readonly filter: PeopleFilter
  readonly setFilter: (filter: PeopleFilter) => void
}

const Context = createContext<KeptFilter>({ filter: EVERYBODY, setFilter: () => undefined })

/** Around all views, so that whoever comes back from a person finds the list as it was. An address would tell names. */
export function PeopleFilterProvider({ children }: { readonly children: ReactNode }) {
  const [filter, setFilter] = useState(EVERYBODY)
  const kept = useMemo(() => ({ filter, setFilter }), [filter])
  return <Context value={kept}>{children}</Context>
}

export function usePeopleFilter(): KeptFilter {
  return useContext(Context)
}
