import * as Ariakit from '@ariakit/react'
import { type ReactNode, useContext, useMemo, useRef } from 'react'
import { useText } from '../language/language.tsx'
import { Button } from './button.tsx'
import { InView } from './in-view.ts'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  readonly isWide?: boolean
}

const FIELD = 'input:not([type=file]), select, textarea'

/** Over the page; the focus goes to its first field, and back to where it was. Escape closes it. */
export function Dialog({ title, onClose, children, isWide = false }: DialogProps) {
  const text = useText()
  const place = useRef<HTMLDivElement>(null)
  // The button that closes it stands before all fields, and would have the focus. What the dialog holds is there once it is open.
  const firstField = useMemo(
    () => ({
      get current() {
        return place.current?.querySelector<HTMLElement>(FIELD) ?? null
      },
    }),
    [],
  )
  if (!useContext(InView)) return null
  return (
    <Ariakit.Dialog
      ref={place}
      open
      initialFocus={firstField}
      onClose={onClose}
      backdrop={<div className="backdrop" />}
      className={isWide ? 'dialog wide' : 'dialog'}
      unmountOnHide
    >
      <header className="dialog-head">
        <Ariakit.DialogHeading className="lead">{title}</Ariakit.DialogHeading>
        <Button look="bare" icon="close" aria-label={text.common.close} onClick={onClose} />
      </header>
      {children}
    </Ariakit.Dialog>
  )
}
