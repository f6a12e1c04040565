import type { ButtonHTMLAttributes } from 'react'
import { Icon, type IconName } from './icon.tsx'

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  readonly icon?: IconName | undefined
  /** `main` at most once a view; `bare` has no frame. */
  readonly look?: 'main' | 'plain' | 'bare' | 'danger'
  readonly isBusy?: boolean
}

/** A busy button keeps its place and the focus, and takes no second press. */
export function Button({
  icon,
  look = 'plain',
  isBusy = false,
  children,
  className = '',
  onClick,
  ...others
}: ButtonProps) {
  return (
    <button
      type="button"
      className={`button ${look} ${className}`}
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || undefined}
      onClick={isBusy ? (event) => event.preventDefault() : onClick}
      {...others}
    >
      {icon === undefined ? null : <Icon name={icon} />}
      {children}
    </button>
  )
}
