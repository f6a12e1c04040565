import { lazy, type ReactNode, Suspense } from 'react'
import { useText } from './language/language.tsx'
import { Notices } from './parts/notices.tsx'
import { Empty, Problem, Skeleton } from './parts/states.tsx'
import { usePath } from './router.tsx'
import { SentFilesProvider } from './routes/imports/sent-files.tsx'
import { ProbesProvider } from './routes/search/probes.tsx'
import { SearchPage } from './routes/search/search-page.tsx'
import { useSession } from './server/session.ts'
import { Shell } from './shell.tsx'

const SignInPage = lazy(() =>
  import('./routes/sign-in/sign-in-page.tsx').then((m) => ({ default: m.SignInPage })),
)
const PeoplePage = lazy(() =>
  import('./routes/people/people-page.tsx').then((m) => ({ default: m.PeoplePage })),
)
const PersonPage = lazy(() =>
  import('./routes/people/person/person-page.tsx').then((m) => ({ default: m.PersonPage })),
)
const ComparePage = lazy(() =>
  import('./routes/compare/compare-page.tsx').then((m) => ({ default: m.ComparePage })),
)
const GroupsPage = lazy(() =>
  import('./routes/groups/groups-page.tsx').then((m) => ({ default: m.GroupsPage })),
)
const DuplicatesPage = lazy(() =>
  import('./routes/duplicates/duplicates-page.tsx').then((m) => ({ default: m.DuplicatesPage })),
)
const ImportsPage = lazy(() =>
  import('./routes/imports/imports-page.tsx').then((m) => ({ default: m.ImportsPage })),
)
const ImportPage = lazy(() =>
  import('./routes/imports/import/import-page.tsx').then((m) => ({ default: m.ImportPage })),
)
const SystemPage = lazy(() =>
  import('./routes/system/system-page.tsx').then((m) => ({ default: m.SystemPage })),
)

/** The sign-in where it is asked for, and the view of the path otherwise. */
export function App() {
  const session = useSession()
  if (session.isPending) return null
  if (session.isError) {
    return (
      <main className="alone">
        <Problem error={session.error} onRetry={session.refetch} />
      </main>
    )
  }
  if (!session.data.signedIn) {
    return (
      <Suspense fallback={null}>
        <SignInPage />
      </Suspense>
    )
  }
  return (
    <Notices>
      <ProbesProvider>
        <SentFilesProvider>
          <Shell session={session.data}>
            <Suspense fallback={<Skeleton kind="rows" />}>
              <View />
            </Suspense>
          </Shell>
        </SentFilesProvider>
      </ProbesProvider>
    </Notices>
  )
}

function View(): ReactNode {
  const text = useText()
  const [view, id, ...others] = usePath()
  if (others.length > 0) return <Empty icon="warning" title={text.shell.notFound} />
  switch (view) {
    case undefined:
    case 'search':
      return <SearchPage />
    case 'people':
      return id === undefined ? <PeoplePage /> : <PersonPage key={id} personId={id} />
    case 'compare':
      return <ComparePage />
    case 'groups':
      return <GroupsPage selectedId={id ?? null} />
    case 'duplicates':
      return <DuplicatesPage />
    case 'imports':
      return id === undefined ? <ImportsPage /> : <ImportPage key={id} importId={id} />
    case 'system':
      return <SystemPage />
    default:
      return <Empty icon="warning" title={text.shell.notFound} />
  }
}
