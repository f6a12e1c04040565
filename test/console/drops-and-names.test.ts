import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StubbedConsole, startStubbedConsole } from '../bench/stubbed-console.ts'
import { findBrowser, openBrowser } from '../servers/browser.ts'
import { buildConsole } from './built-console.ts'

const browserFile = findBrowser()
const PATIENCE = { timeout: 30_000 }
const PERSON = '/people/01936a5c-7e1d-7c3a-9f52-000000000007'
const photo = readFileSync(join(import.meta.dirname, '../../apps/console/public/sample-1.jpg')).toString(
  'base64',
)

describe.skipIf(browserFile === null)('the console', { timeout: 120_000 }, () => {
  let stub: StubbedConsole
  let browser: Browser

  beforeAll(async () => {
    stub = await startStubbedConsole(buildConsole(), 20)
    browser = await openBrowser(browserFile!)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await stub?.close()
  })

  const open = async (path: string, answers: Readonly<Record<string, unknown>> = {}): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en' })
    for (const [address, json] of Object.entries(answers))
      await page.route(address, (route) => route.fulfill({ json }))
    await page.goto(`${stub.url}${path}`)
    await page.locator('h1').waitFor(PATIENCE)
    return page
  }
  /** A picture is dragged there and let go, as the browser tells the page of it. */
  const drop = async (page: Page, where: string) => {
    const file = `new File([Uint8Array.from(atob('${photo}'), (c) => c.charCodeAt(0))], 'a.jpg', { type: 'image/jpeg' })`
    const dataTransfer = await page.evaluateHandle(
      `(() => { const carried = new DataTransfer(); carried.items.add(${file}); return carried })()`,
    )
    for (const type of ['dragenter', 'dragover', 'drop'])
      await page.locator(where).first().dispatchEvent(type, { dataTransfer })
  }

  it('takes a picture that is dropped beside the places of a comparison, once', async () => {
    const page = await open('/compare', { '**/api/match': { code: 0, detections: [], results: [] } })
    const shown = () =>
      page.evaluate<number[]>(
        "[...document.querySelectorAll('.compare > section')].map((one) => one.querySelectorAll('.face-photo').length)",
      )
    await drop(page, '.compare > section:nth-child(2) .compare-slot')
    await expect.poll(shown, PATIENCE).toEqual([0, 1])
    await drop(page, 'main h1')
    await expect.poll(shown, PATIENCE).toEqual([1, 1])
    await page.close()
  })

  it('says that nothing takes a picture which is dropped elsewhere, and stays as it is', async () => {
    const page = await open('/groups')
    await drop(page, '.side')
    await page.getByText('Nothing takes files there.').waitFor(PATIENCE)
    expect(new URL(page.url()).pathname).toBe('/groups')
    await page.close()
  })

  it('tells groups of one name apart wherever one is chosen', async () => {
    const group = (end: number, day: string) => ({
      ...{ id: `01936a5c-7e1d-7c3a-9f52-${String(end).padStart(12, '0')}`, name: 'Crew', metadata: {} },
      createdAt: `2026-01-${day}T12:00:00.000Z`,
    })
    const items = [group(1, '05'), group(2, '06')]
    const page = await open('/people', { '**/api/groups?*': { items, page: 1, totalPages: 1 } })
    const isApart = (texts: readonly string[]) =>
      texts.length === 2 && texts.every((text, place) => text.includes(`Jan ${5 + place}, 2026`))
    const options = page.getByLabel('Group', { exact: true }).locator('option:not([value=""])')
    await expect.poll(async () => isApart(await options.allTextContents()), PATIENCE).toBe(true)
    await page.goto(`${stub.url}${PERSON}`)
    const boxes = page.locator('.boxes label')
    await expect.poll(async () => isApart(await boxes.allTextContents()), PATIENCE).toBe(true)
    await page.goto(`${stub.url}/groups`)
    const lines = page.locator('.group-line')
    await expect.poll(async () => isApart(await lines.allTextContents()), PATIENCE).toBe(true)
    await page.close()
  })

  it('says as what somebody is signed in by the name of the key, and never by a hash', async () => {
    const session = { signedIn: true, keysAreSet: true, rights: ['read', 'write'], writeToken: null }
    const named = await open('/compare', { '**/api/session': { ...session, keyName: 'Office' } })
    await named.getByText('Signed in as Office').waitFor(PATIENCE)
    await named.close()
    const keyName = '7692c3ad3540bb80'
    const unnamed = await open('/compare', { '**/api/session': { ...session, keyName } })
    await unnamed.getByText('Signed in with an API key').waitFor(PATIENCE)
    expect(await unnamed.getByText(keyName).count()).toBe(0)
    await unnamed.close()
  })
})
