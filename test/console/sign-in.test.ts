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
    console = await openConsole(browser!, { env: { SEMBLANCE_API_KEYS: KEY } })
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

  it('asks for the key again where the session ended in the middle, and keeps what was typed', async () => {
    await page.goto(`${console.server.url}/people`)
    await page.getByRole('button', { name: 'New person' }).click()
    await page.getByRole('textbox', { name: 'Name' }).fill('Grace')
    await page.context().clearCookies()
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
    await page.getByText('Sign in with the same key to go on where you were.').waitFor()
    // Nothing of anybody is in sight meanwhile.
    expect(await page.getByRole('dialog').count()).toBe(0)
    expect(await page.getByText('Ada').filter({ visible: true }).count()).toBe(0)
    expect(await findBarriers(page)).toEqual([])
    await signIn(KEY)
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
    await page.getByRole('heading', { name: 'Grace' }).waitFor()
    expect(console.troubles.splice(0).filter((trouble) => !/status of 401/.test(trouble))).toEqual([])
  })

  it('goes on under the session that another tab began', async () => {
    await page.goto(`${console.server.url}/groups`)
    await page.getByRole('heading', { name: 'Groups', level: 1 }).waitFor()
    await page.getByRole('textbox', { name: 'Name of a new group' }).fill('Night')
    await page.context().request.post(`${console.server.url}/api/session`, { data: { key: KEY } })
    const create = page.getByRole('button', { name: 'Create' })
    await create.click()
    await page.getByText('Somebody signed in anew in another tab. Try again.').waitFor()
    await expect
      .poll(async () => {
        await create.click()
        return page.getByRole('link', { name: /^Night/ }).count()
      })
      .toBeGreaterThan(0)
    expect(console.troubles.splice(0).filter((trouble) => !/status of 403/.test(trouble))).toEqual([])
  })

  it('leaves nothing in any tab of whoever signs out in one', async () => {
    const other = await page.context().newPage()
    await other.goto(`${console.server.url}/people`)
    await other.getByText('Ada').first().waitFor()
    await page.getByRole('button', { name: 'Sign out' }).click()
    await other.getByText('This server asks for an API key.').waitFor()
    expect(await other.getByText('Ada').count()).toBe(0)
    await other.close()
    await signIn(KEY)
    await page.getByRole('heading', { name: 'Groups', level: 1 }).waitFor()
    console.troubles.length = 0
  })

  it('is signed out for good', async () => {
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('API key').waitFor()
    await page.reload()
    await page.getByLabel('API key').waitFor()
    expect(console.troubles).toEqual([])
  })
})
