import './look/tokens.css'
import './look/base.css'
import './look/shell.css'
import './look/parts.css'
import './look/photo.css'
import './look/search.css'
import './look/contacts.css'
import './look/folds.css'
import './look/compare.css'
import './look/people.css'
import './look/conflicts.css'
import './look/selected.css'
import './look/work.css'
import './look/system.css'
import { SemblanceProblem } from '@semblance/client'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { App } from './app.tsx'
import { LanguageProvider } from './language/language.tsx'
import { applyTheme, keptTheme } from './look/theme.ts'
import { restoreScrolling } from './router.tsx'
import { ConnectionProvider } from './server/connection.tsx'
import { SESSION_KEY } from './server/session-key.ts'

const MOST_RETRIES = 2

applyTheme(keptTheme())
restoreScrolling()

const queries: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (query.queryKey[0] !== SESSION_KEY[0]) lookForSession(error)
    },
  }),
  mutationCache: new MutationCache({ onError: lookForSession }),
  defaultOptions: {
    queries: {
      staleTime: 10_000,
      // The server may be on this machine, which needs no network to be reached.
      networkMode: 'always',
      // Only what may pass: no network, and 5xx.
      retry: (failures, error) =>
        failures < MOST_RETRIES && (!(error instanceof SemblanceProblem) || error.status >= 500),
    },
    mutations: { networkMode: 'always' },
  },
})

/** The session ended meanwhile, or another tab began another one; what the server says of it leads on. */
function lookForSession(error: unknown): void {
  if (!(error instanceof SemblanceProblem)) return
  if (error.status === 401 || error.type === 'WriteTokenRefused')
    void queries.invalidateQueries({ queryKey: SESSION_KEY })
}

const place = document.getElementById('console')
if (place !== null) {
  createRoot(place).render(
    <StrictMode>
      <QueryClientProvider client={queries}>
        <LanguageProvider>
          <ConnectionProvider>
            <App />
          </ConnectionProvider>
        </LanguageProvider>
      </QueryClientProvider>
    </StrictMode>,
  )
}
