import axe from 'axe-core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { beforeEach, expect } from 'vitest'
import { openBrowser } from '../servers/browser.ts'
import { type Installation, type Shape, startInstallation } from '../servers/installation.ts'
import { buildConsole } from './built-console.ts'

/** The browser notes every refusal: of pictures of people who have none or were just erased, and of wrong keys. */
const EXPECTED = [
  { message: /Failed to load resource.*404/, of: /\/api\/persons\/[^/]+\/(picture|images\/)/ },
  { message: /Failed to load resource.*401/, of: /\/api\/session$/ },
]

export interface OpenOptions {
  readonly path?: string
  readonly width?: number
  readonly theme?: 'light' | 'dark'
  readonly locale?: string
}

/** A real server that shows the page built from these sources, and a browser. */
export interface ConsoleUnderTest {
  readonly server: Pick<Installation, 'url'>
  /** Requests to elsewhere, errors of the console, among them breaches of the policy; empty if all is well. */
  readonly troubles: string[]
  /** In a context of its own, as of a person who was never here. */
  open(options?: OpenOptions): Promise<Page>
  close(): Promise<void>
}

export interface ConsoleOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly shape?: Shape
  /** A motion JPEG that the browser shows as what its camera sees. */
  readonly camera?: string
}

export async function openConsole(
  browserFile: string,
  { env = {}, shape = 'standalone', camera }: ConsoleOptions = {},
): Promise<ConsoleUnderTest> {
  const server = await startInstallation(shape, { SEMBLANCE_CONSOLE: buildConsole(), ...env })
  const browser: Browser = await openBrowser(browserFile, camera === undefined ? [] : cameraOf(camera))
  const troubles: string[] = []
  const contexts: BrowserContext[] = []
  return {
    server,
    troubles,
    open: async ({ path = '/', width = 1440, theme = 'light', locale = 'en' } = {}) => {
      const context = await browser.newContext({
        viewport: { width, height: 900 },
        colorScheme: theme,
        locale,
      })
      contexts.push(context)
      const page = await context.newPage()
      await watch(page, { server, troubles })
      await page.goto(`${server.url}${path}`)
      await page.locator('h1').first().waitFor()
      return page
    },
    close: async () => {
      for (const context of contexts) await context.close()
      await browser.close()
      await server.close()
    },
  }
}

function cameraOf(file: string): readonly string[] {
  return ['--use-fake-device-for-media-stream', `--use-file-for-fake-video-capture=${file}`]
}

type Watched = Pick<ConsoleUnderTest, 'server' | 'troubles'>

async function watch(page: Page, { server, troubles }: Watched): Promise<void> {
  await page.route('**/*', (route) => {
    const url = route.request().url()
    if (url.startsWith(server.url) || url.startsWith('blob:')) return route.continue()
    troubles.push(`asked for ${url}`)
    return route.abort()
  })
  page.on('console', (message) => {
    if (message.type() !== 'error') return
    const [said, url] = [message.text(), message.location().url]
    if (EXPECTED.some((expected) => expected.message.test(said) && expected.of.test(url))) return
    troubles.push(`${said} ${url}`)
  })
  // As long as nobody listens, the browser opens a dialog of its own; a listener that comes with the key press may come too late.
  page.on('filechooser', () => {})
  page.on('pageerror', (error) => troubles.push(error.message))
  page.on('dialog', (dialog) => {
    troubles.push(`a dialog of the browser: ${dialog.message()}`)
    void dialog.dismiss()
  })
}

/** For what waits for networks, on a machine that may be busy with other tests. */
export const PATIENCE = { timeout: 60_000 }

/** Each test of the suite begins without troubles, and must end without. */
export function forbidTroubles(current: () => Pick<ConsoleUnderTest, 'troubles'>): void {
  beforeEach(() => {
    const { troubles } = current()
    troubles.length = 0
    return () => expect(troubles).toEqual([])
  })
}

/** What tests do on every view, by the mouse. */
export function actionsOn(page: () => Page) {
  return {
    button: (name: string | RegExp) => page().getByRole('button', { name }),
    goTo: (view: string) => page().getByRole('navigation').getByRole('link', { name: view }).click(),
    said: (words: string | RegExp) => page().getByText(words).first().waitFor(PATIENCE),
  }
}

/** What axe calls serious or critical on the page as it stands, one line for each. */
export async function findBarriers(page: Page): Promise<readonly string[]> {
  // By the debugger's way in, which the policy of the page does not bar.
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate<Findings>("axe.run(document, { resultTypes: ['violations'] })")
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`)
}

interface Findings {
  readonly violations: readonly Violation[]
}

interface Violation {
  readonly id: string
  readonly impact: string
  readonly nodes: readonly { readonly html: string }[]
}
