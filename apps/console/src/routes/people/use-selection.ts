import {
  type Dispatch,
  type RefObject,
  type SetStateAction,
  useCallback,
  useEffect,
  useRef,
  useState,
} from 'react'
import { useText } from '../../language/language.tsx'
import { useAnnounce } from '../../parts/notices.tsx'
import type { Person } from '../../server/api.ts'
import { PAGE, type PeopleFilter } from './people-query.ts'
import {
  carriedOver,
  chosenOn,
  doubtful,
  isReordered,
  NOBODY,
  type Pages,
  pagesOf,
  type Selected,
  settled,
  sighted,
  without,
} from './selection.ts'
import { stillListed } from './still-listed.ts'
import type { PeopleList } from './use-people-list.ts'

const NO_PAGES: Pages = new Map()
/** A list of so many pages or fewer is read anew as a whole, where that is fewer calls than to ask about each person. */
const FEW_PAGES = 10
/** Before anything is done to those who are selected; the server answers each call at once. */
const VERIFIED_WITHIN_MS = 60_000

export interface Selection {
  readonly selected: Selected
  readonly select: (persons: readonly Person[]) => void
  readonly deselect: (ids: readonly string[]) => void
  readonly clear: () => void
  /**
   * Has everybody who is selected looked for anew, takes out whoever left the list, and answers how many remain. Rejects
   * where the server does not answer.
   */
  readonly verify: () => Promise<number>
}

/**
 * Who is selected in the list that is shown. Whoever leaves it (deleted elsewhere, or changed so that the filter leaves
 * them no longer) is not selected any more: what is done to those who are selected must befall nobody whom nobody sees.
 * The server is asked about whoever is not where they were, since a list that grows moves people on to other pages.
 */
export function useSelection(people: PeopleList): Selection {
  const { filter, isPending, isChanging } = people
  const [kept, setKept] = useState<Kept>({ filter, people: NOBODY })
  const pages = kept.people.size === 0 ? NO_PAGES : people.pages()
  const isOfList = isSame(kept.filter, filter)
  const carried =
    isOfList || isPending ? kept.people : carriedOver(kept.people, isReordered(kept.filter, filter))
  const selected = isPending ? carried : sighted(carried, pages)
  if (selected !== kept.people || (!isOfList && !isPending)) setKept({ filter, people: selected })
  const latest = useRef({ people, selected })
  latest.current = { people, selected }
  const ask = useAsk(latest, setKept)
  const asked = isPending || isChanging ? '' : doubtful(selected, pages).join(' ')
  useEffect(() => {
    if (asked === '') return
    const stopped = new AbortController()
    // Where the server does not answer, they are asked about before anything is done to them.
    ask(asked.split(' '), stopped.signal).catch(() => {})
    return () => stopped.abort()
  }, [asked, ask])
  const verify = useCallback(async () => {
    for (;;) {
      const { selected: meant, people: list } = latest.current
      // Only pages that were read just now tell who is there: another one at hand may show somebody who left since.
      const seen = chosenOn(await list.reread(pagesOf(meant)), ({ id }) => meant.has(id))
      const unseen = [...meant.keys()].filter((id) => !seen.has(id))
      const gone = unseen.length === 0 ? [] : await ask(unseen, AbortSignal.timeout(VERIFIED_WITHIN_MS))
      // Who is in one list may not be in the one that was chosen meanwhile.
      if (isSame(list.filter, latest.current.people.filter)) return without(meant, gone).size
    }
  }, [ask])
  const change = (next: (before: Selected) => Selected) =>
    setKept((before) => ({ ...before, people: next(before.people) }))
  return {
    selected,
    select: (persons) =>
      change((before) => {
        const ids = new Set(persons.map(({ id }) => id))
        return new Map([...before, ...chosenOn(people.pages(), ({ id }) => ids.has(id))])
      }),
    deselect: (ids) => change((before) => without(before, ids)),
    clear: () => change(() => NOBODY),
    verify,
  }
}

interface Kept {
  readonly filter: PeopleFilter
  readonly people: Selected
}

function isSame(filter: PeopleFilter, other: PeopleFilter): boolean {
  return JSON.stringify(filter) === JSON.stringify(other)
}

/**
 * Asks the server about people who are selected, takes out who is in the list no longer, says so, and answers the ids of
 * all of them who are not in it. Rejects where that is not known, be it since the signal came.
 */
function useAsk(latest: Latest, setKept: Dispatch<SetStateAction<Kept>>) {
  const text = useText()
  const announce = useAnnounce()
  const say = useRef((_gone: number) => {})
  say.current = (gone) => announce(text.people.deselected(gone))
  return useCallback(
    async (ids: readonly string[], signal: AbortSignal): Promise<readonly string[]> => {
      const list = latest.current.people
      const listed = await listedOf(ids, list, signal)
      signal.throwIfAborted()
      const unlisted = ids.filter((id) => !listed.has(id))
      // Of another list this says nothing.
      if (!isSame(list.filter, latest.current.people.filter)) return unlisted
      const gone = unlisted.filter((id) => latest.current.selected.has(id))
      setKept((before) => ({ ...before, people: settled(before.people, ids, gone) }))
      if (gone.length > 0) say.current(gone.length)
      return unlisted
    },
    [latest, setKept],
  )
}

type Latest = RefObject<{ readonly people: PeopleList; readonly selected: Selected }>

/** By the way that takes fewer calls: the whole list anew, or each person. */
async function listedOf(
  ids: readonly string[],
  list: PeopleList,
  signal: AbortSignal,
): Promise<ReadonlySet<string>> {
  const pageCount = Math.ceil(list.total / PAGE)
  if (!list.isTotalKnown || pageCount > FEW_PAGES || pageCount >= ids.length)
    return stillListed(ids, list.filter, signal)
  const read = await list.reread(Array.from({ length: pageCount }, (_, page) => page))
  return new Set(chosenOn(read, ({ id }) => ids.includes(id)).keys())
}
