import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { Icon } from '../../parts/icon.tsx'
import type { System } from '../../server/api.ts'

interface TableProps {
  readonly system: System
}

const LANES = ['search', 'enroll', 'bulk'] as const

export function Lanes({ system: { lanes } }: TableProps) {
  const text = useText()
  const formats = useFormats()
  if (lanes === null) return null
  return (
    <section className="panel" aria-labelledby="lanes">
      <h2 id="lanes">{text.system.lanes}</h2>
      <table>
        <thead>
          <tr>
            <th>{text.system.lane}</th>
            <th className="number">{text.system.waiting}</th>
            <th className="number">{text.system.running}</th>
            <th className="number">{text.system.oldest}</th>
            <th className="number">{text.system.workers}</th>
          </tr>
        </thead>
        <tbody>
          {LANES.map((name) => (
            <tr key={name}>
              <td>{text.system.laneNames[name]}</td>
              <td className="number">{formats.whole(lanes[name]?.waiting ?? 0)}</td>
              <td className="number">{formats.whole(lanes[name]?.running ?? 0)}</td>
              <td className="number">{formats.seconds((lanes[name]?.oldestMs ?? 0) / 1000)}</td>
              <td className="number">{formats.whole(lanes[name]?.workers ?? 0)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

export function Dependencies({ system: { dependencies } }: TableProps) {
  const text = useText()
  const formats = useFormats()
  if (dependencies.length === 0) return null
  return (
    <section className="panel" aria-labelledby="dependencies">
      <h2 id="dependencies">{text.system.dependencies}</h2>
      <table>
        <tbody>
          {dependencies.map(({ name, up, since }) => (
            <tr key={name}>
              <td>{name}</td>
              <td className={up ? '' : 'bad'}>
                <span className="with-icon">
                  <Icon name={up ? 'check' : 'warning'} /> {up ? text.system.up : text.system.isDown}
                </span>
              </td>
              <td className="small quiet number">{text.system.sinceWhen(formats.time(since))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

export function Faults({ system: { faults } }: TableProps) {
  const text = useText()
  const formats = useFormats()
  return (
    <section className="panel" aria-labelledby="faults">
      <h2 id="faults">{text.system.faults}</h2>
      {faults.length === 0 ? (
        <p className="quiet">{text.system.noFaults}</p>
      ) : (
        <>
          <p className="small quiet">{text.system.faultsHint}</p>
          <table>
            <thead>
              <tr>
                <th>{text.system.fault}</th>
                <th>{text.system.where}</th>
                <th className="number">{text.system.times}</th>
                <th className="number">{text.system.lastAt}</th>
              </tr>
            </thead>
            <tbody>
              {faults.map(({ code, where, count, lastAt }) => (
                <tr key={`${code} ${where}`}>
                  <td>{code}</td>
                  <td>{where}</td>
                  <td className="number">{formats.whole(count)}</td>
                  <td className="number">{formats.time(lastAt)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  )
}

export function Keys({ system: { keys } }: TableProps) {
  const text = useText()
  return (
    <section className="panel" aria-labelledby="keys">
      <h2 id="keys">{text.system.keys}</h2>
      {keys.length === 0 ? <p className="quiet">{text.system.noKeys}</p> : null}
      <ul>
        {keys.map(({ name, mayHaveDescriptors }) => (
          <li key={name}>
            <code>{name}</code>{' '}
            {mayHaveDescriptors ? <span className="small quiet">{text.system.descriptors}</span> : null}
          </li>
        ))}
      </ul>
    </section>
  )
}
