import { answerOf } from '@semblance/client'
import { useQuery } from '@tanstack/react-query'
import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { Icon } from '../../parts/icon.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Problem, Skeleton } from '../../parts/states.tsx'
import { api, type Stats } from '../../server/api.ts'

/** It is cheap at any size of the gallery. */
const ASKED_EVERY_MS = 2000

/** What there is, what waits, and what to do where something is wrong. */
export function SystemPage() {
  const text = useText()
  const stats = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/stats', { signal })),
    refetchInterval: ASKED_EVERY_MS,
  })
  return (
    <>
      <PageHead title={text.shell.system} note={text.system.note} />
      {stats.isPending ? <Skeleton kind="rows" /> : null}
      {stats.isError ? <Problem error={stats.error} onRetry={stats.refetch} /> : null}
      {stats.data === undefined ? null : (
        <div className="system">
          <Counts stats={stats.data} />
          <Health stats={stats.data} />
          <Lanes stats={stats.data} />
        </div>
      )}
    </>
  )
}

function Counts({ stats }: { readonly stats: Stats }) {
  const text = useText()
  const formats = useFormats()
  const facts = [
    [text.system.persons, formats.whole(stats.persons)],
    [text.system.images, formats.whole(stats.images)],
    [text.system.groups, formats.whole(stats.groups)],
    [text.system.bytes, formats.bytes(stats.pictureBytes)],
    [text.system.pack, stats.pack ?? '–'],
  ] as const
  return (
    <dl className="facts">
      {facts.map(([name, value]) => (
        <div key={name} className="panel">
          <dt className="small quiet">{name}</dt>
          <dd className="lead">{value}</dd>
        </div>
      ))}
    </dl>
  )
}

/** One line for each thing that is not as it should be, with what to do; one line if there is none. */
function Health({ stats }: { readonly stats: Stats }) {
  const text = useText()
  const formats = useFormats()
  const behind = stats.images - stats.indexedImages
  const overdue = Object.values(stats.overdue).reduce((sum, { count }) => sum + count, 0)
  const late = Object.values(stats.queue).reduce((most, lane) => Math.max(most, lane.oldestWaitingMs), 0)
  const wrong = [
    ...(overdue > 0 ? [text.system.overdue(formats.whole(overdue))] : []),
    ...(Math.abs(behind) > Math.max(100, stats.images / 100)
      ? [text.system.behind(formats.whole(behind))]
      : []),
    ...(late > 30_000 ? [text.system.late(formats.seconds(late / 1000))] : []),
  ]
  return (
    <section className="panel health" aria-labelledby="health">
      <h2 id="health">{text.system.health}</h2>
      {wrong.length === 0 ? (
        <p>
          <Icon name="check" /> {text.system.fine}
        </p>
      ) : (
        <ul>
          {wrong.map((line) => (
            <li key={line}>
              <Icon name="warning" /> {line}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

const LANES = ['search', 'enroll', 'bulk'] as const

function Lanes({ stats }: { readonly stats: Stats }) {
  const text = useText()
  const formats = useFormats()
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
          </tr>
        </thead>
        <tbody>
          {LANES.map((name) => (
            <tr key={name}>
              <td>{text.system.laneNames[name]}</td>
              <td className="number">{formats.whole(stats.queue[name]?.waiting ?? 0)}</td>
              <td className="number">{formats.whole(stats.queue[name]?.active ?? 0)}</td>
              <td className="number">{formats.seconds((stats.queue[name]?.oldestWaitingMs ?? 0) / 1000)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
