import { useMutation } from '@tanstack/react-query'
import { useText } from '../language/language.tsx'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import { ProblemText } from './states.tsx'

interface ConfirmProps {
  readonly title: string
  /** What will be gone, with its number. */
  readonly body: string
  readonly action: string
  readonly onClose: () => void
  readonly run: () => Promise<unknown>
}

/** Before what cannot be taken back. It stays open, with the reason, where the server refuses. */
export function Confirm({ title, body, action, onClose, run }: ConfirmProps) {
  const text = useText()
  const act = useMutation({ mutationFn: run, onSuccess: onClose })
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{body}</p>
      <ProblemText error={act.error} />
      <div className="actions end">
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button look="danger" icon="trash" isBusy={act.isPending} onClick={() => act.mutate()}>
          {action}
        </Button>
      </div>
    </Dialog>
  )
}
