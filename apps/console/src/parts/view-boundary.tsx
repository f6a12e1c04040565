import { Component, type ReactNode } from 'react'
import { useText } from '../language/language.tsx'
import { Problem, SayableError } from './states.tsx'

interface ViewBoundaryProps {
  readonly children: ReactNode
}

/**
 * Shows a fault of a view where the view would be, and leaves everything around it as it is. Without it React takes the
 * whole page away. Only a class can catch what is thrown while others are drawn.
 */
export class ViewBoundary extends Component<ViewBoundaryProps, { readonly fault: unknown }> {
  override state: { readonly fault: unknown } = { fault: null }

  static getDerivedStateFromError(fault: unknown) {
    return { fault: fault ?? new Error('nothing was said') }
  }

  override render() {
    const { fault } = this.state
    return fault === null ? this.props.children : <Fault onRetry={() => this.setState({ fault: null })} />
  }
}

/** What was thrown is no word of the server's, whatever its kind. */
function Fault({ onRetry }: { readonly onRetry: () => void }) {
  const text = useText()
  return <Problem error={new SayableError(text.states.unexpected)} onRetry={onRetry} />
}
