import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBrowser } from '../servers/browser.ts'
import { type ConsoleUnderTest, findBarriers, openConsole } from './console-under-test.ts'

const KEY = 'the-key-of-the-office'
const browser = findBrowser()

describe.skipIf(browser === null)('a console where keys are set', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest
  let page: Page

  beforeAll(async () => {
    console = await openConsole(browser!, { SEMBLANCE_API_KEYS: KEY })
    page = await console.open({ path: '/people' })
  }, 120_000)
  afterAll(async () => {
    await console?.close()
  })

  const signIn = async (key: string) => {
    await page.getByLabel('API key').fill(key)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }

  it('asks for a key, and says that it knows no such key', async () => {
    expect(await findBarriers(page)).toEqual([])
    await signIn('a-wrong-key')
    await page.getByText('The server knows no such key.').waitFor()
  })

  it('shows the view that was asked for, and writes under the session', async () => {
    await signIn(KEY)
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor()
    await page.getByRole('button', { name: 'New person' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Ada')
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
    await page.getByText('Ada').first().waitFor()
  })

  it('keeps the key nowhere in the browser, and the session where no script reads it', async () => {
    const readable = await page.evaluate<string>(
      'document.cookie + JSON.stringify(localStorage) + JSON.stringify(sessionStorage)',
    )
    expect(readable).not.toContain(KEY)
    expect(readable).not.toContain('semblance_session')
    const [cookie] = await page.context().cookies()
    expect(cookie).toMatchObject({ name: 'semblance_session', httpOnly: true, sameSite: 'Strict' })
    expect(cookie?.value).not.toContain(KEY)
  })

  it('is signed out for good', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('API key').waitFor()
    await page.reload()
    await page.getByLabel('API key').waitFor()
    expect(console.troubles).toEqual([])
  })
})
