import type { ReactNode } from 'react'
import { useText } from '../language/language.tsx'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'
import type { IconName } from './icon.tsx'
import { ProblemText } from './states.tsx'
import { useWork } from './use-work.ts'

interface ConfirmProps {
  readonly title: string
  /** What will be gone, with its number. */
  readonly body: string
  readonly action: string
  /** Of the action; left out: that of a deletion. */
  readonly icon?: IconName
  readonly onClose: () => void
  readonly run: () => Promise<unknown>
  /** @param isOpen false: the dialog was closed while it was under way */
  readonly onDone?: (isOpen: boolean) => void
  /** Between what is said and the buttons. */
  readonly children?: ReactNode
}

/** Before what cannot be taken back. It stays open, with the reason, where the server refuses. */
export function Confirm({
  title,
  body,
  action,
  icon = 'trash',
  onClose,
  run,
  onDone,
  children,
}: ConfirmProps) {
  const text = useText()
  const act = useWork({
    title: action,
    run,
    onDone: (_answer, isOpen) => {
      onDone?.(isOpen)
      if (isOpen) onClose()
    },
  })
  return (
    <Dialog title={title} onClose={onClose}>
      <p>{body}</p>
      {children}
      <ProblemText error={act.error} />
      <div className="actions end">
        <Button onClick={onClose}>{text.common.cancel}</Button>
        <Button look="danger" icon={icon} isBusy={act.isPending} onClick={() => act.mutate()}>
          {action}
        </Button>
      </div>
    </Dialog>
  )
}
