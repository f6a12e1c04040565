import { answerOf } from '@semblance/client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { Live } from '../../parts/live.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Barrier, Empty, ProblemText, Skeleton } from '../../parts/states.tsx'
import { api, type DuplicateSearch } from '../../server/api.ts'
import { PairList } from './pair-list.tsx'

/** While a search goes on. */
const ASKED_EVERY_MS = 1000

/** People who are enrolled twice: looked for in the background, and decided about pair by pair. */
export function DuplicatesPage() {
  const text = useText()
  const formats = useFormats()
  const queries = useQueryClient()
  const latest = useQuery({
    queryKey: ['duplicate-search'],
    queryFn: async ({ signal }) => {
      const params = { query: { size: 1 } }
      return (await answerOf(api.GET('/api/duplicates', { params, signal }))).items[0] ?? null
    },
    refetchInterval: ({ state }) => (isGoingOn(state.data) ? ASKED_EVERY_MS : false),
  })
  const start = useMutation({
    mutationFn: () => answerOf(api.POST('/api/duplicates', { body: {} })),
    onSuccess: (begun) => queries.setQueryData(['duplicate-search'], begun),
  })
  const search = latest.data
  return (
    <>
      <PageHead
        title={text.duplicates.title}
        note={search ? text.duplicates.asOf(formats.time(search.createdAt)) : text.duplicates.note}
      >
        {search ? (
          <Button icon="search" isBusy={start.isPending || isGoingOn(search)} onClick={() => start.mutate()}>
            {text.duplicates.again}
          </Button>
        ) : null}
      </PageHead>
      <ProblemText error={start.error} />
      {latest.isPending ? <Skeleton kind="cards" /> : null}
      <Barrier of={latest} />
      {search === null ? (
        <Empty icon="duplicates" title={text.duplicates.never}>
          <p className="quiet">{text.duplicates.neverHint}</p>
          <Button look="main" icon="search" isBusy={start.isPending} onClick={() => start.mutate()}>
            {text.duplicates.start}
          </Button>
        </Empty>
      ) : null}
      {search ? (
        <>
          <SearchProgress search={search} />
          <PairList search={search} />
        </>
      ) : null}
    </>
  )
}

export function isGoingOn(search: DuplicateSearch | null | undefined): boolean {
  return search?.state === 'preparing' || search?.state === 'running'
}

function SearchProgress({ search }: { readonly search: DuplicateSearch }) {
  const text = useText()
  const formats = useFormats()
  if (search.state === 'done') return null
  const eta = search.progress.etaSeconds
  return (
    <Live as="div" className="panel progress">
      <p>
        <b>{text.operations.states[search.state]}</b>{' '}
        <span className="quiet">
          {text.operations.progress(formats.whole(search.done), formats.whole(search.total))}
          {eta === null ? '' : ` · ${text.operations.left(formats.seconds(eta))}`}
        </span>
      </p>
      <progress aria-label={text.duplicates.title} max={Math.max(1, search.total)} value={search.done} />
      {search.why === undefined ? null : <p className="bad">{search.why}</p>}
    </Live>
  )
}
