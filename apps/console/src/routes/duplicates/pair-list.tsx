import { answerOf } from '@semblance/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Barrier, barrierOf, Empty, Skeleton } from '../../parts/states.tsx'
import { api, type DuplicateSearch } from '../../server/api.ts'
import { PairCard } from './pair-card.tsx'

const PAGE = 30

/** The pairs of a search that nobody has decided about, or that were put off, nearest first. */
export function PairList({ search }: { readonly search: DuplicateSearch }) {
  const text = useText()
  const pairs = useInfiniteQuery({
    queryKey: ['duplicates', search.id, search.state, search.pairs],
    initialPageParam: '',
    queryFn: ({ pageParam, signal }) => {
      const query = { size: PAGE, ...(pageParam === '' ? {} : { cursor: pageParam }) }
      const params = { path: { duplicatesId: search.id }, query }
      return answerOf(api.GET('/api/duplicates/{duplicatesId}/pairs', { params, signal }))
    },
    getNextPageParam: ({ nextCursor }) => nextCursor,
  })
  if (pairs.isPending) return <Skeleton kind="cards" />
  if (pairs.data === undefined || barrierOf(pairs) !== null) return <Barrier of={pairs} />
  const open = pairs.data.pages.flatMap(({ items }) => items).filter(({ decision }) => decision !== 'keep')
  if (open.length === 0 && !pairs.hasNextPage) {
    return search.state === 'done' ? (
      <Empty icon="check" title={text.duplicates.none}>
        <p className="quiet">{text.duplicates.noneHint}</p>
      </Empty>
    ) : null
  }
  return (
    <>
      <p className="quiet pairs-note">{text.duplicates.mergeNote}</p>
      <ol className="pairs">
        {open.map((pair) => (
          <PairCard
            key={pair.persons.map(({ personId }) => personId).join(' ')}
            pair={pair}
            searchId={search.id}
          />
        ))}
      </ol>
      {pairs.hasNextPage ? (
        <Button isBusy={pairs.isFetchingNextPage} onClick={() => void pairs.fetchNextPage()}>
          {text.common.more}
        </Button>
      ) : null}
    </>
  )
}
