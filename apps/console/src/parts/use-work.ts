import { useMutation } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useText } from '../language/language.tsx'
import { useAnnounce } from './notices.tsx'
import { sayProblem } from './states.tsx'

interface Work<Wanted, Answer> {
  readonly run: (wanted: Wanted) => Promise<Answer>
  /** @param isOpen false: whoever began it has closed the dialog meanwhile */
  readonly onDone: (answer: Answer, isOpen: boolean) => void
  /** What was to be done, as it stands at the button. */
  readonly title: string
}

/**
 * What a dialog has the server do. What is under way cannot be called back, so whoever closes the dialog meanwhile is
 * told all the same how it ended: of a failure, the dialog itself says it as long as it is open, and a notice afterwards.
 */
export function useWork<Answer, Wanted = void>({ run, onDone, title }: Work<Wanted, Answer>) {
  const text = useText()
  const announce = useAnnounce()
  const isOpen = useRef(false)
  useEffect(() => {
    isOpen.current = true
    return () => {
      isOpen.current = false
    }
  }, [])
  return useMutation({
    mutationFn: run,
    onSuccess: (answer) => onDone(answer, isOpen.current),
    onError: (error) => {
      if (!isOpen.current) announce(text.states.notDone(title, sayProblem(error, text)))
    },
  })
}
