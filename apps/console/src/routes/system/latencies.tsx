import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import type { System } from '../../server/api.ts'

const MOST_SHOWN = 8
const KINDS = ['request', 'wait', 'run', 'stage'] as const

/** A bar up to the median and a line at the 95th percentile, on one scale for each kind; the numbers say the same. */
export function Latencies({ system }: { readonly system: System }) {
  const text = useText()
  const kinds = KINDS.map((kind) => ({
    kind,
    all: mostAsked(system.latencies.filter((one) => one.kind === kind)),
  }))
  return (
    <section className="panel" aria-labelledby="latencies">
      <h2 id="latencies">{text.system.latencies}</h2>
      <p className="small quiet">
        {system.latencies.length === 0 ? text.system.noLatencies : text.system.latenciesNote}
      </p>
      <div className="latencies">
        {kinds
          .filter(({ all }) => all.length > 0)
          .map(({ kind, all }) => (
            <div key={kind}>
              <h3 className="small quiet">{text.system.kinds[kind]}</h3>
              <ul>
                {all.map((one) => (
                  <Latency key={one.name} one={one} longest={Math.max(...all.map(({ p95Ms }) => p95Ms))} />
                ))}
              </ul>
            </div>
          ))}
      </div>
    </section>
  )
}

/** The page itself asks for files and states, too; what is asked most stands first. */
function mostAsked(all: System['latencies']): System['latencies'] {
  return all.toSorted((a, b) => b.count - a.count).slice(0, MOST_SHOWN)
}

interface LatencyProps {
  readonly one: System['latencies'][number]
  readonly longest: number
}

function Latency({ one, longest }: LatencyProps) {
  const text = useText()
  const formats = useFormats()
  const share = (ms: number) => `${(100 * ms) / Math.max(1, longest)}%`
  return (
    <li className="latency">
      <span title={one.name}>{one.name}</span>
      <span className="spread" aria-hidden="true">
        <span className="spread-half" style={{ width: share(one.p50Ms) }} />
        <span className="spread-most" style={{ left: share(one.p95Ms) }} />
      </span>
      <span className="small quiet number">
        {text.system.spread(formats.milliseconds(one.p50Ms), formats.milliseconds(one.p95Ms))}
      </span>
    </li>
  )
}
