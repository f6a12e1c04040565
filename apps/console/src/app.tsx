import { type ReactNode, useState } from 'react'
import { InView } from './parts/in-view.ts'
import { lazyView } from './parts/lazy-view.tsx'
import { Notices } from './parts/notices.tsx'
import { Problem } from './parts/states.tsx'
import { useStrayDrops } from './parts/use-stray-drops.ts'
import { ViewBoundary } from './parts/view-boundary.tsx'
import { usePath } from './router.tsx'
import { SentFilesProvider } from './routes/imports/sent-files.tsx'
import { NotFoundPage } from './routes/not-found-page.tsx'
import { PeopleFilterProvider } from './routes/people/kept-filter.tsx'
import { ProbesProvider } from './routes/search/probes.tsx'
import { SearchPage } from './routes/search/search-page.tsx'
import { type Session, useSession, useSignOutElsewhere } from './server/session.ts'
import { Shell } from './shell.tsx'

const SignInPage = lazyView({
  name: 'sign-in',
  load: () => import('./routes/sign-in/sign-in-page.tsx').then((m) => m.SignInPage),
  waiting: null,
})
const PeoplePage = lazyView({
  name: 'people',
  load: () => import('./routes/people/people-page.tsx').then((m) => m.PeoplePage),
})
const PersonPage = lazyView({
  name: 'person',
  load: () => import('./routes/people/person/person-page.tsx').then((m) => m.PersonPage),
})
const ComparePage = lazyView({
  name: 'compare',
  load: () => import('./routes/compare/compare-page.tsx').then((m) => m.ComparePage),
})
const GroupsPage = lazyView({
  name: 'groups',
  load: () => import('./routes/groups/groups-page.tsx').then((m) => m.GroupsPage),
})
const DuplicatesPage = lazyView({
  name: 'duplicates',
  load: () => import('./routes/duplicates/duplicates-page.tsx').then((m) => m.DuplicatesPage),
})
const ImportsPage = lazyView({
  name: 'imports',
  load: () => import('./routes/imports/imports-page.tsx').then((m) => m.ImportsPage),
})
const ImportPage = lazyView({
  name: 'import',
  load: () => import('./routes/imports/import/import-page.tsx').then((m) => m.ImportPage),
})
const SystemPage = lazyView({
  name: 'system',
  load: () => import('./routes/system/system-page.tsx').then((m) => m.SystemPage),
})

/** The sign-in where it is asked for, and the view of the path otherwise. */
export function App() {
  const session = useSession()
  useSignOutElsewhere()
  const shown = useSessionInView(session.data)
  if (session.isPending) return null
  if (session.data === undefined) {
    return (
      <main className="alone">
        <Problem error={session.error} onRetry={session.refetch} />
      </main>
    )
  }
  return (
    <>
      {session.data.signedIn ? null : <SignInPage isAgain={shown !== null} />}
      {shown === null ? <StrayDrops /> : null}
      {shown === null ? null : (
        // Out of sight, and as it was, until the key is given again: what somebody typed is not lost with a session.
        <div hidden={!session.data.signedIn} key={shown.keyName}>
          <InView value={session.data.signedIn}>
            <Console session={shown} />
          </InView>
        </div>
      )}
    </>
  )
}

/** The session whose views are kept: the last one, until somebody signs out or another key comes. */
function useSessionInView(session: Session | undefined): Session | null {
  const [kept, setKept] = useState<Session | null>(null)
  const next = session === undefined ? kept : session.signedIn ? session : session.isEnded ? null : kept
  if (next !== kept) setKept(next)
  return next
}

function StrayDrops() {
  useStrayDrops()
  return null
}

function Console({ session }: { readonly session: Session }) {
  const path = usePath()
  return (
    <Notices>
      <StrayDrops />
      <ProbesProvider>
        <SentFilesProvider>
          <PeopleFilterProvider>
            <Shell session={session}>
              <ViewBoundary key={path.join('/')}>
                <View />
              </ViewBoundary>
            </Shell>
          </PeopleFilterProvider>
        </SentFilesProvider>
      </ProbesProvider>
    </Notices>
  )
}

/** Views of one thing each, beside that of all. */
const WITH_IDS = ['people', 'groups', 'imports']

function View(): ReactNode {
  const [view, id, ...others] = usePath()
  const isTooDeep = others.length > 0 || (id !== undefined && !WITH_IDS.includes(view ?? ''))
  if (isTooDeep) return <NotFoundPage />
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
      return <NotFoundPage />
  }
}
