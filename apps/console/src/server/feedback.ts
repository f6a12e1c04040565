import { useQuery } from '@tanstack/react-query'
import { SayableError } from '../parts/states.tsx'
import { addressOf } from './place.ts'
import { writeToken } from './write-token.ts'

interface Feedback {
  readonly personId: string
  readonly imageId: string | null
  readonly verdict: 'not-this-person' | 'this-person'
  readonly distance: number
}

interface Described {
  readonly paths?: Readonly<Record<string, unknown>>
}

/** Whether the server takes feedback: not every version does. */
export function useHasFeedback(): boolean {
  const described = useQuery({
    queryKey: ['description'],
    staleTime: Number.POSITIVE_INFINITY,
    queryFn: async ({ signal }) => {
      const answer = await fetch(addressOf('/openapi.json'), { signal })
      return answer.ok ? ((await answer.json()) as Described) : {}
    },
  })
  return Object.hasOwn(described.data?.paths ?? {}, '/api/feedback')
}

export async function sendFeedback(feedback: Feedback): Promise<void> {
  const token = writeToken.read()
  const { imageId, ...others } = feedback
  const answer = await fetch(addressOf('/api/feedback'), {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === null ? {} : { 'X-Semblance-Write-Token': token }),
    },
    body: JSON.stringify(imageId === null ? others : feedback),
  })
  if (!answer.ok) throw new SayableError(`HTTP ${answer.status}`)
}
