import { useText } from '../language/language.tsx'
import { Button } from './button.tsx'
import { Dialog } from './dialog.tsx'

interface LeaveDialogProps {
  /** Whose or what changes are not saved. */
  readonly name: string
  /** Null: they cannot be saved as they are. */
  readonly onSave: (() => void) | null
  readonly isSaving: boolean
  readonly onDiscard: () => void
  readonly onStay: () => void
}

/** Before a view is left in which something is not saved. Escape stays. */
export function LeaveDialog({ name, onSave, isSaving, onDiscard, onStay }: LeaveDialogProps) {
  const text = useText()
  return (
    <Dialog title={text.leave.title} onClose={onStay}>
      <p>{text.leave.body(name)}</p>
      {onSave === null ? <p className="small quiet">{text.leave.unsavable}</p> : null}
      <div className="actions end">
        <Button look="danger" onClick={onDiscard}>
          {text.leave.discard}
        </Button>
        <Button onClick={onStay}>{text.leave.stay}</Button>
        {onSave === null ? null : (
          <Button look="main" isBusy={isSaving} onClick={onSave}>
            {text.leave.save}
          </Button>
        )}
      </div>
    </Dialog>
  )
}
