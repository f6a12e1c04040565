import { useText } from '../language/language.tsx'
import { useConnection } from '../server/connection.tsx'
import { Icon } from './icon.tsx'
import { Live } from './live.tsx'

/** Over the view while the server does not answer: what is shown is from before. It goes by itself. */
export function AwayNotice() {
  const text = useText()
  const { isAway } = useConnection()
  return (
    <Live as="div" className="away-place">
      {isAway ? (
        <p className="away-notice">
          <Icon name="offline" /> <b>{text.states.away}</b> <span>{text.states.awayHint}</span>
        </p>
      ) : null}
    </Live>
  )
}
