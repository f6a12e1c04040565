import { answerOf } from '@semblance/client'
import { useQuery } from '@tanstack/react-query'
import { useFormats } from '../../language/formats.ts'
import { useText } from '../../language/language.tsx'
import { PageHead } from '../../parts/page-head.tsx'
import { Barrier, Skeleton } from '../../parts/states.tsx'
import { Link } from '../../router.tsx'
import { api, type Import } from '../../server/api.ts'
import { StartImport } from './start-import.tsx'

const MOST_SHOWN = 50
/** While one of them goes on. */
const ASKED_EVERY_MS = 2000

/** Many photos of many people at once: begins one, and lists those that were. */
export function ImportsPage() {
  const text = useText()
  const imports = useQuery({
    queryKey: ['imports'],
    queryFn: async ({ signal }) => {
      const params = { query: { size: MOST_SHOWN } }
      return (await answerOf(api.GET('/api/imports', { params, signal }))).items
    },
    refetchInterval: ({ state }) => (state.data?.some(isUnderWay) ? ASKED_EVERY_MS : false),
  })
  return (
    <>
      <PageHead title={text.shell.imports} note={text.imports.note} />
      <StartImport />
      {imports.isPending ? <Skeleton kind="rows" /> : null}
      <Barrier of={imports} />
      {imports.data === undefined || imports.data.length === 0 ? null : (
        <ul className="import-list">
          {imports.data.map((one) => (
            <li key={one.id}>
              <ImportLine one={one} />
            </li>
          ))}
        </ul>
      )}
    </>
  )
}

export function isUnderWay({ state }: Import): boolean {
  return state === 'open' || state === 'running'
}

function ImportLine({ one }: { readonly one: Import }) {
  const text = useText()
  const formats = useFormats()
  const { ended, total, byOutcome } = one.rows
  const good = byOutcome.enrolled ?? 0
  return (
    <Link to={`/imports/${one.id}`} className="import-line panel">
      <span className="name">{one.name}</span>
      <span className="small quiet">{formats.time(one.createdAt)}</span>
      <span className={`chip ${one.state}`}>{text.imports.states[one.state]}</span>
      <span className="number">{text.imports.rowsOf(formats.whole(ended), formats.whole(total))}</span>
      <span className="number quiet">{text.imports.enrolled(formats.whole(good))}</span>
    </Link>
  )
}
