import { isSlowTier } from '@semblance/testkit'
import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StubbedConsole, startStubbedConsole } from '../bench/stubbed-console.ts'
import { findBrowser, openBrowser } from '../servers/browser.ts'
import { buildConsole } from './built-console.ts'
import { PATIENCE } from './console-under-test.ts'

const browserFile = findBrowser()
/** In CI one that asks for something at once, and one that does not. */
const VIEWS = isSlowTier
  ? ['Compare', 'People', 'Groups', 'Duplicates', 'Imports', 'System']
  : ['Compare', 'System']
/** Compare asks for nothing at first. */
const ASKING = VIEWS.filter((view) => view !== 'Compare')

const SYSTEM = {
  ...{ version: '1', uptimeMs: 1000, shape: 'standalone', pack: { id: 'p@1' }, diskFreeBytes: null },
  ...{ counts: null, lanes: null, dependencies: [], latencies: [], faults: [], keys: [] },
}

/** Each view where it was not looked at before anything went wrong. */
describe.skipIf(browserFile === null)('views in trouble', { timeout: 120_000 }, () => {
  let stub: StubbedConsole
  let browser: Browser

  beforeAll(async () => {
    stub = await startStubbedConsole(buildConsole(), 50)
    browser = await openBrowser(browserFile!)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await stub?.close()
  })

  /** @param answer of whatever is asked for after the first view is there; null: the stub answers */
  const openSearch = async (answer: (route: Route) => Promise<unknown> | null) => {
    const page = await browser.newPage({ locale: 'en', viewport: { width: 640, height: 450 } })
    await page.goto(`${stub.url}/search`)
    await page.getByText('Drop a photo here').waitFor(PATIENCE)
    await page.route('**/*', (route) => answer(route) ?? route.continue())
    return page
  }
  const goTo = (page: Page, view: string) =>
    page.getByRole('navigation').getByRole('link', { name: view }).click()
  const isWide = (page: Page) =>
    page.evaluate<boolean>('document.documentElement.scrollWidth > window.innerWidth')

  it('say that the server is away, though it has the view still, and come by themselves', async () => {
    let isAway = true
    const page = await openSearch((route) => {
      if (isAway) return route.abort()
      return route.request().url().endsWith('/api/system') ? route.fulfill({ json: SYSTEM }) : null
    })
    for (const view of VIEWS) {
      isAway = true
      await goTo(page, view)
      await page.getByRole('heading', { name: 'The server does not answer.' }).waitFor(PATIENCE)
      expect([view, await isWide(page)]).toEqual([view, false])
      isAway = false
      await page.getByRole('heading', { name: view, level: 1 }).waitFor(PATIENCE)
      await page.locator('.away-notice').waitFor({ ...PATIENCE, state: 'detached' })
    }
    await page.close()
  })

  it('say that the server has a newer page, where it has the view no more, and load that', async () => {
    const page = await openSearch((route) =>
      route.request().url().includes('/people-page') ? route.fulfill({ status: 404 }) : null,
    )
    await goTo(page, 'People')
    await page.getByText('The server has another version of this page by now.').waitFor(PATIENCE)
    await page.unrouteAll({ behavior: 'ignoreErrors' })
    await page.getByRole('button', { name: 'Try again' }).click()
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor(PATIENCE)
    await page.close()
  })

  it('say what went wrong in them, and leave the others', async () => {
    const page = await openSearch((route) =>
      route.request().url().endsWith('/api/system') ? route.fulfill({ json: { lanes: {} } }) : null,
    )
    await goTo(page, 'System')
    await page.getByText('Something went wrong in this page.').waitFor(PATIENCE)
    await goTo(page, 'Groups')
    await page.getByRole('heading', { name: 'Groups', level: 1 }).waitFor(PATIENCE)
    await page.close()
  })

  it('say that the server is busy, and ask again where they are told to', async () => {
    let isBusy = true
    const refusal = { status: 503, json: { statusCode: 503, type: 'Overloaded', msg: 'the queue is full' } }
    const page = await openSearch((route) => {
      const isAsked = route.request().url().includes('/api/') && !route.request().url().endsWith('/session')
      return isBusy && isAsked ? route.fulfill(refusal) : null
    })
    for (const view of ASKING) {
      isBusy = true
      await goTo(page, view)
      await page.getByText('The server is busy').first().waitFor(PATIENCE)
      await page.getByText('the queue is full').first().waitFor(PATIENCE)
      expect([view, await isWide(page)]).toEqual([view, false])
      // In System it is asked anew every two seconds.
      isBusy = view === 'System'
      if (!isBusy) await page.getByRole('button', { name: 'Try again' }).first().click()
      if (!isBusy) await page.locator('.state.problem').waitFor({ ...PATIENCE, state: 'detached' })
    }
    await page.close()
  })

  it('ask for the key again where the session is over', async () => {
    const session = { keysAreSet: true, keyName: null, rights: ['read', 'write'], writeToken: null }
    for (const view of ASKING) {
      let isOver = false
      const page = await browser.newPage({ locale: 'en', viewport: { width: 640, height: 450 } })
      await page.route('**/api/**', (route) => {
        if (route.request().url().endsWith('/session'))
          return route.fulfill({ json: { ...session, signedIn: !isOver } })
        return isOver
          ? route.fulfill({ status: 401, json: { statusCode: 401, type: 'Unauthorized', msg: 'no' } })
          : route.continue()
      })
      await page.goto(`${stub.url}/search`)
      await page.getByText('Drop a photo here').waitFor(PATIENCE)
      isOver = true
      await goTo(page, view)
      await page.getByText('Your session is over.').first().waitFor(PATIENCE)
      await page.getByLabel('API key').waitFor(PATIENCE)
      await page.close()
    }
  })
})
