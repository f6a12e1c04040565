import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StubbedConsole, startStubbedConsole } from '../bench/stubbed-console.ts'
import { findBrowser, openBrowser } from '../servers/browser.ts'
import { buildConsole } from './built-console.ts'

const browserFile = findBrowser()
const PEOPLE = 20_000
const PATIENCE = { timeout: 30_000 }

describe.skipIf(browserFile === null)('a list of people', { timeout: 120_000 }, () => {
  let stub: StubbedConsole
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    stub = await startStubbedConsole(buildConsole(), PEOPLE)
    browser = await openBrowser(browserFile!)
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en' })
    await page.goto(`${stub.url}/people`)
    await page.getByRole('gridcell').first().waitFor(PATIENCE)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await stub?.close()
  })
  const count = () => page.locator('.found-count')

  it('says how many a filter leaves, and nothing where nobody filters', async () => {
    expect(await count().count()).toBe(0)
    await page.getByLabel('Find by name').fill('person 9')
    await expect.poll(() => count().textContent(), PATIENCE).toBe('1,111 people are found')
    await page.getByLabel('Find by name').fill('person 17777')
    await expect.poll(() => count().textContent(), PATIENCE).toBe('1 person is found')
  })

  it('says how many there are at least where the server does not count, until it has come to the end', async () => {
    await page.getByLabel('Find by name').fill('person 99')
    await page.getByLabel('Pictures', { exact: true }).selectOption('true')
    await expect.poll(() => count().textContent(), PATIENCE).toBe('More than 100 people are found')
    await page.getByRole('gridcell', { name: 'Person 99', exact: true }).focus()
    await page.keyboard.press('End')
    await expect.poll(() => count().textContent(), PATIENCE).toBe('111 people are found')
  })
})
