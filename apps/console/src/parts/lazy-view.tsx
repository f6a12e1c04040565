import { useQuery } from '@tanstack/react-query'
import type { ComponentType, ReactNode } from 'react'
import { useText } from '../language/language.tsx'
import { addressOf } from '../server/place.ts'
import { VIEW_KEY } from '../server/session-key.ts'
import { Problem, SayableError, Skeleton } from './states.tsx'

/** The server answers, but has the part of this page no more: it has another page by now. */
class NewerPage extends Error {}

/** Within this the server says whether it is there. */
const ANSWERED_WITHIN_MS = 5000

interface LazyView<Props> {
  /** No other view has it. */
  readonly name: string
  readonly load: () => Promise<ComponentType<Props>>
  readonly waiting?: ReactNode
}

/**
 * A view that is loaded when it is first opened. Where the server is away at that moment, that is said as of any other
 * call, and the view comes by itself afterwards: React's own `lazy` would keep the failure, and leave a blank page.
 */
export function lazyView<Props extends object>({
  name,
  load,
  waiting = <Skeleton kind="rows" />,
}: LazyView<Props>) {
  return function View(props: Props): ReactNode {
    const text = useText()
    const view = useQuery({
      queryKey: [VIEW_KEY, name],
      queryFn: async () => ({ Loaded: await load().catch(sayWhy) }),
      staleTime: Number.POSITIVE_INFINITY,
      gcTime: Number.POSITIVE_INFINITY,
      structuralSharing: false,
    })
    if (view.data !== undefined) return <view.data.Loaded {...props} />
    if (view.isPending) return waiting
    return view.error instanceof NewerPage ? (
      <Problem error={new SayableError(text.states.newerPage)} onRetry={() => window.location.reload()} />
    ) : (
      <Problem error={view.error} onRetry={() => void view.refetch()} />
    )
  }
}

async function sayWhy(error: unknown): Promise<never> {
  const signal = AbortSignal.timeout(ANSWERED_WITHIN_MS)
  const isThere = await fetch(addressOf('/api/session'), { signal }).then(
    ({ status }) => status < 500,
    () => false,
  )
  throw isThere ? new NewerPage('a part of the page is not there', { cause: error }) : error
}
