import { answerOf } from '@semblance/client'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useFormats } from '../../../language/formats.ts'
import { useText } from '../../../language/language.tsx'
import { Button } from '../../../parts/button.tsx'
import { Icon } from '../../../parts/icon.tsx'
import { Live } from '../../../parts/live.tsx'
import { PageHead } from '../../../parts/page-head.tsx'
import { Barrier, barrierOf, ProblemText, Skeleton } from '../../../parts/states.tsx'
import { Link } from '../../../router.tsx'
import { api, type Import } from '../../../server/api.ts'
import { followEvents } from '../../../server/follow-events.ts'
import { addressOf, prefix } from '../../../server/place.ts'
import { useGalleryChanged } from '../../../server/queries.ts'
import { FailedRows } from './failed-rows.tsx'
import { OutcomesBar } from './outcomes-bar.tsx'
import { SourceOfImport } from './source-of-import.tsx'

/** One import while it goes on, and what came of it. */
export function ImportPage({ importId }: { readonly importId: string }) {
  const text = useText()
  const key = ['import', importId]
  const one = useQuery({
    queryKey: key,
    queryFn: ({ signal }) =>
      answerOf(api.GET('/api/imports/{importId}', { params: { path: { importId } }, signal })),
  })
  useProgress(importId, one.data?.state)
  if (one.data === undefined || barrierOf(one) !== null) {
    return (
      <>
        <Back />
        <PageHead title={text.shell.imports} />
        {one.isPending ? <Skeleton kind="rows" /> : null}
        <Barrier of={one} />
      </>
    )
  }
  return <ImportView one={one.data} />
}

function isOver(state: Import['state'] | undefined): boolean {
  return state === 'done' || state === 'cancelled'
}

/** The server tells of each change by itself; at the end everybody who came is shown everywhere. */
function useProgress(importId: string, state: Import['state'] | undefined): void {
  const queries = useQueryClient()
  const galleryChanged = useGalleryChanged()
  const isFollowed = state !== undefined && !isOver(state)
  useEffect(() => {
    if (!isFollowed) return
    return followEvents(addressOf(`/api/imports/${importId}/events`), (data) => {
      const next = JSON.parse(data) as Import
      queries.setQueryData(['import', importId], next)
      if (!isOver(next.state)) return
      galleryChanged()
      void queries.invalidateQueries({ queryKey: ['import-report', importId] })
    })
  }, [isFollowed, importId, queries, galleryChanged])
}

function Back() {
  const text = useText()
  return (
    <Link to="/imports" className="back">
      <Icon name="back" /> {text.shell.imports}
    </Link>
  )
}

const DOINGS = ['close', 'pause', 'resume', 'cancel', 'retry'] as const
type Doing = (typeof DOINGS)[number]

function ImportView({ one }: { readonly one: Import }) {
  const text = useText()
  const formats = useFormats()
  const act = useAct(one.id)
  const offered: readonly Doing[] =
    one.state === 'paused'
      ? ['resume', 'cancel']
      : isOver(one.state)
        ? (one.rows.byOutcome.failed ?? 0) + (one.rows.byOutcome['link-refused'] ?? 0) > 0 &&
          one.state === 'done'
          ? ['retry']
          : []
        : one.state === 'open'
          ? ['close', 'pause', 'cancel']
          : ['pause', 'cancel']
  const { rowsPerSecondLately: rate, etaSeconds: eta, waitsFor } = one.progress
  const facts = [
    text.imports.rowsOf(formats.whole(one.rows.ended), formats.whole(one.rows.total)),
    ...(rate === null || isOver(one.state) ? [] : [text.imports.rate(formats.short(rate))]),
    ...(eta === null || isOver(one.state) ? [] : [text.operations.left(formats.seconds(eta))]),
    ...(waitsFor === null || isOver(one.state) ? [] : [text.imports.waits[waitsFor]]),
  ]
  return (
    <>
      <Back />
      <PageHead title={one.name} note={formats.time(one.createdAt)}>
        <a className="button bare" href={`${prefix}/api/imports/${one.id}/report?format=csv`} download>
          {text.imports.report}
        </a>
        {offered.map((doing) => (
          <Button
            key={doing}
            icon={doing === 'pause' ? 'pause' : doing === 'resume' ? 'play' : undefined}
            isBusy={act.isPending}
            onClick={() => act.mutate(doing)}
          >
            {text.imports.doings[doing]}
          </Button>
        ))}
      </PageHead>
      <ProblemText error={act.error} />
      <section className="panel progress" aria-label={text.imports.progress}>
        <Live>
          <span className={`chip ${one.state}`}>{text.imports.states[one.state]}</span>{' '}
          <span className="quiet">{facts.join(' · ')}</span>
        </Live>
        {one.state === 'open' && one.source == null ? (
          <p className="small quiet">{text.imports.openHint}</p>
        ) : null}
        {one.source == null ? null : <SourceOfImport of={one.source} />}
        {one.rows.total === 0 ? null : <OutcomesBar rows={one.rows} />}
      </section>
      <FailedRows one={one} />
    </>
  )
}

function useAct(importId: string) {
  const queries = useQueryClient()
  const params = { path: { importId } }
  return useMutation({
    mutationFn: (doing: Doing) => {
      switch (doing) {
        case 'close':
          return answerOf(api.POST('/api/imports/{importId}/close', { params }))
        case 'pause':
          return answerOf(api.POST('/api/imports/{importId}/pause', { params }))
        case 'resume':
          return answerOf(api.POST('/api/imports/{importId}/resume', { params }))
        case 'cancel':
          return answerOf(api.POST('/api/imports/{importId}/cancel', { params }))
        case 'retry':
          return answerOf(api.POST('/api/imports/{importId}/retry', { params, body: { all: true } }))
      }
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ['import', importId] }),
  })
}
