import { useMutation } from '@tanstack/react-query'
import { useText } from '../../language/language.tsx'
import { Button } from '../../parts/button.tsx'
import { ProblemText } from '../../parts/states.tsx'
import type { FoundPerson } from '../../server/api.ts'
import { sendFeedback, useHasFeedback } from '../../server/feedback.ts'
import { distanceOf } from './probe-queries.ts'

/** "Not this person": kept for those who tune the server. Nothing is shown where it takes none. */
export function FeedbackButton({ person }: { readonly person: FoundPerson }) {
  const text = useText()
  const isThere = useHasFeedback()
  const say = useMutation({
    mutationFn: () =>
      sendFeedback({
        personId: person.id,
        imageId: person.images[0]?.id ?? null,
        verdict: 'not-this-person',
        distance: distanceOf(person),
      }),
  })
  if (!isThere) return null
  return (
    <>
      <Button
        icon={say.isSuccess ? 'check' : 'close'}
        look="bare"
        isBusy={say.isPending || say.isSuccess}
        onClick={() => say.mutate()}
      >
        {say.isSuccess ? text.search.notedNot : text.search.notThem}
      </Button>
      <ProblemText error={say.error} />
    </>
  )
}
