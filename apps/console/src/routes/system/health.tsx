import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { Icon } from '../../parts/icon.tsx'
import type { System } from '../../server/api.ts'

/** Work that has waited longer is late, whatever its lane. */
const LATE_MS = 30_000
/** The index may be behind by so much while pictures are enrolled. */
const BEHIND_SHARE = 0.01
const BEHIND_AT_LEAST = 100

/** Some thousand photos: time enough to act before enrollments are refused. */
const SCARCE_BYTES = 5_000_000_000

/** One line for each thing that is not as it should be, with what to do; one line if there is none. */
export function Health({ system }: { readonly system: System }) {
  const text = useText()
  const wrong = useFindings(system)
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

function useFindings({ counts, lanes, dependencies, diskFreeBytes, pack }: System): readonly string[] {
  const text = useText()
  const formats = useFormats()
  const down = dependencies
    .filter(({ up }) => !up)
    .map(({ name, since, reason }) => text.system.down(name, formats.time(since), reason ?? ''))
  const behind = counts === null ? 0 : counts.images - counts.indexedImages
  const isBehind = counts !== null && behind > Math.max(BEHIND_AT_LEAST, BEHIND_SHARE * counts.images)
  const waiting = (Object.entries(lanes ?? {}) as [keyof typeof text.system.laneNames, Lane][]).flatMap(
    ([name, { workers, waiting: number, oldestMs }]) => {
      if (workers === 0 && number > 0) return [text.system.noWorker(text.system.laneNames[name])]
      return oldestMs > LATE_MS
        ? [text.system.late(text.system.laneNames[name], formats.seconds(oldestMs / 1000))]
        : []
    },
  )
  return [
    ...down,
    ...(counts === null ? [text.system.storesDown] : []),
    ...(lanes === null ? [text.system.queueDown] : []),
    ...(isBehind ? [text.system.behind(formats.whole(behind))] : []),
    ...(diskFreeBytes !== null && diskFreeBytes < SCARCE_BYTES
      ? [text.system.scarce(formats.bytes(diskFreeBytes))]
      : []),
    ...waiting,
    ...(pack.moveTo === undefined ? [] : [text.system.olderPack(pack.id, pack.moveTo)]),
  ]
}

type Lane = NonNullable<System['lanes']>[string]
