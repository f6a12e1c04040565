import { answerOf } from '@semblance/client'
import { useQuery } from '@tanstack/react-query'
import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Barrier, Skeleton } from '../../parts/states.tsx'
import { api, type System } from '../../server/api.ts'
import { Health } from './health.tsx'
import { Latencies } from './latencies.tsx'
import { Dependencies, Faults, Keys, Lanes } from './tables.tsx'

/** The server keeps what it answers at hand. */
const ASKED_EVERY_MS = 2000

/** What there is, what waits, and what to do where something is wrong. Live. */
export function SystemPage() {
  const text = useText()
  const formats = useFormats()
  const system = useQuery({
    queryKey: ['system'],
    queryFn: ({ signal }) => answerOf(api.GET('/api/system', { signal })),
    refetchInterval: ASKED_EVERY_MS,
  })
  const { data } = system
  const note =
    data === undefined ? undefined : text.system.note(data.version, formats.seconds(data.uptimeMs / 1000))
  return (
    <>
      <PageHead title={text.shell.system} note={note} />
      {system.isPending ? <Skeleton kind="rows" /> : null}
      <Barrier of={system} />
      {data === undefined ? null : (
        <div className="system">
          <Counts system={data} />
          <Health system={data} />
          <Lanes system={data} />
          <Dependencies system={data} />
          <Latencies system={data} />
          <Faults system={data} />
          <Keys system={data} />
        </div>
      )}
    </>
  )
}

function Counts({ system }: { readonly system: System }) {
  const text = useText()
  const formats = useFormats()
  const { counts, pack, shape, diskFreeBytes } = system
  const facts = [
    ...(counts === null
      ? []
      : [
          [text.system.persons, formats.whole(counts.persons)] as const,
          [text.system.images, formats.whole(counts.images)] as const,
          [text.system.groups, formats.whole(counts.groups)] as const,
          [text.system.bytes, formats.bytes(counts.pictureBytes)] as const,
        ]),
    ...(diskFreeBytes === null ? [] : [[text.system.free, formats.bytes(diskFreeBytes)] as const]),
    [text.system.pack, pack.id] as const,
    [text.system.shape, text.system.shapes[shape]] as const,
  ]
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
