import * as Ariakit from '@ariakit/react'
import { type ReactNode, useContext } from 'react'
import { useText } from '../language/language.tsx'
import { Button } from './button.tsx'
import { InView } from './in-view.ts'

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
  readonly isWide?: boolean
}

/** Over the page; the focus goes in, and back to where it was. Escape closes it. */
export function Dialog({ title, onClose, children, isWide = false }: DialogProps) {
  const text = useText()
  if (!useContext(InView)) return null
  return (
    <Ariakit.Dialog
      open
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
