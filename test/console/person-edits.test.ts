import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Calls, callsTo } from '../e2e/calls.ts'
import { findBrowser } from '../servers/browser.ts'
import {
  type ConsoleUnderTest,
  findBarriers,
  forbidTroubles,
  openConsole,
  PATIENCE,
} from './console-under-test.ts'

const browser = findBrowser()

describe.skipIf(browser === null)('edits of a person', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest
  let calls: Calls

  beforeAll(async () => {
    console = await openConsole(browser!)
    calls = callsTo(console.server)
  }, 120_000)
  afterAll(() => console?.close())
  forbidTroubles(() => console)
  /** The browser notes that a change was refused, which is what a test is about. */
  const forgetRefusal = async (id: string) => {
    const { troubles } = console
    const isRefusal = (trouble: string) => trouble.includes('412') && trouble.endsWith(`/persons/${id}`)
    await expect.poll(() => troubles.some(isRefusal), PATIENCE).toBe(true)
    troubles.splice(0, troubles.length, ...troubles.filter((trouble) => !isRefusal(trouble)))
  }

  const create = (name: string) => calls.createPerson({ name, externalId: name, metadata: { desk: 1 } })
  const stored = async (id: string) => (await calls.ask('GET', `/persons/${id}`)).json
  const metadata = (page: Page) => page.getByLabel('Metadata (JSON)')
  const asked = (page: Page) => page.getByRole('dialog', { name: 'Leave without saving?' })
  const pathOf = (page: Page) => new URL(page.url()).pathname
  /** As one comes there: from the list of people. */
  const openPerson = async (id: string, name: string) => {
    const page = await console.open({ path: '/people' })
    await page.getByRole('gridcell', { name }).click()
    await page.getByRole('heading', { name, level: 1 }).waitFor(PATIENCE)
    expect(pathOf(page)).toBe(`/people/${id}`)
    return page
  }

  it('are not lost by a link: whoever leaves is asked, and stays, or discards them', async () => {
    const id = await create('Lena Link')
    const page = await openPerson(id, 'Lena Link')
    await metadata(page).fill('{"desk": 2}')
    await page.getByRole('link', { name: 'Groups' }).click()
    await asked(page).waitFor(PATIENCE)
    expect(await findBarriers(page)).toEqual([])
    await page.keyboard.press('Escape')
    await asked(page).waitFor({ ...PATIENCE, state: 'detached' })
    expect([pathOf(page), await metadata(page).inputValue()]).toEqual([`/people/${id}`, '{"desk": 2}'])
    await page.getByRole('link', { name: 'Groups' }).click()
    await asked(page).getByRole('button', { name: 'Discard changes' }).click()
    await page.getByRole('heading', { name: 'Groups', level: 1 }).waitFor(PATIENCE)
    expect((await stored(id)).metadata).toEqual({ desk: 1 })
    // Nothing is asked of whoever changed nothing.
    await page.goBack()
    await page.getByRole('heading', { name: 'Lena Link', level: 1 }).waitFor(PATIENCE)
    await page.getByRole('link', { name: 'Groups' }).click()
    await page.getByRole('heading', { name: 'Groups', level: 1 }).waitFor(PATIENCE)
  })

  it('are not lost by the way back of the browser, and may be saved on it', async () => {
    const id = await create('Berta Back')
    const page = await openPerson(id, 'Berta Back')
    await page.getByLabel('Name', { exact: true }).fill('Berta Forth')
    await page.evaluate('history.back()')
    await asked(page).getByRole('button', { name: 'Stay' }).click(PATIENCE)
    await expect.poll(() => pathOf(page), PATIENCE).toBe(`/people/${id}`)
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Berta Forth')
    await page.evaluate('history.back()')
    await asked(page).getByRole('button', { name: 'Save and leave' }).click(PATIENCE)
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor(PATIENCE)
    expect(pathOf(page)).toBe('/people')
    expect((await stored(id)).name).toBe('Berta Forth')
    await page.goForward()
    await page.getByRole('heading', { name: 'Berta Forth', level: 1 }).waitFor(PATIENCE)
  })

  it('are not lost with the page, and not sent where they cannot be stored', async () => {
    const id = await create('Ulla Unload')
    const page = await openPerson(id, 'Ulla Unload')
    const isHeld = () =>
      page.evaluate<boolean>("!window.dispatchEvent(new Event('beforeunload', { cancelable: true }))")
    expect(await isHeld()).toBe(false)
    await metadata(page).fill('{"desk": ')
    expect(await isHeld()).toBe(true)
    await page.getByRole('link', { name: 'People' }).first().click()
    await asked(page).getByText('it cannot be saved').waitFor(PATIENCE)
    expect(await asked(page).getByRole('button', { name: 'Save and leave' }).count()).toBe(0)
    await asked(page).getByRole('button', { name: 'Stay' }).click()
    await page.getByRole('button', { name: 'Undo' }).click()
    await expect.poll(isHeld, PATIENCE).toBe(false)
    // Whoever is erased has nothing left to be saved.
    await metadata(page).fill('{"desk": 3}')
    await page.locator('main').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete', exact: true }).click()
    await page.getByRole('heading', { name: 'People', level: 1 }).waitFor(PATIENCE)
  })

  it('that cross with those of somebody else are shown beside them, and nobody wins unseen', async () => {
    const id = await create('Conny Conflict')
    const page = await openPerson(id, 'Conny Conflict')
    await metadata(page).fill('{"desk": 2}')
    await page.getByLabel('External id').fill('mine')
    await calls.ask('PUT', `/persons/${id}`, { metadata: { desk: 9 }, name: 'Conny Changed' })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    const shown = page.getByRole('group', { name: 'Metadata', exact: true })
    await shown.waitFor(PATIENCE)
    // The other tab's change of another field is no conflict; nothing was written over.
    expect(await page.getByRole('group', { name: 'Name', exact: true }).count()).toBe(0)
    await page.getByRole('heading', { name: 'Conny Changed', level: 1 }).waitFor(PATIENCE)
    expect(await stored(id)).toMatchObject({ metadata: { desk: 9 }, externalId: 'Conny Conflict' })
    expect(await shown.locator('pre').allTextContents()).toEqual(['{\n  "desk": 9\n}', '{\n  "desk": 2\n}'])
    expect(await page.getByRole('button', { name: 'Save', exact: true }).isDisabled()).toBe(true)
    expect(await findBarriers(page)).toEqual([])
    await shown.getByRole('button', { name: 'Keep mine' }).click()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved.').waitFor(PATIENCE)
    expect(await stored(id)).toMatchObject({
      ...{ metadata: { desk: 2 }, externalId: 'mine', name: 'Conny Changed' },
    })
    await forgetRefusal(id)
  })

  it('that cross with those of somebody else may be given up for them', async () => {
    const id = await create('Gina Given')
    const page = await openPerson(id, 'Gina Given')
    await page.getByLabel('Name', { exact: true }).fill('Gina Mine')
    await calls.ask('PUT', `/persons/${id}`, { name: 'Gina Theirs' })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    const shown = page.getByRole('group', { name: 'Name', exact: true })
    await shown.getByRole('button', { name: 'Take this' }).click(PATIENCE)
    expect(await page.getByLabel('Name', { exact: true }).inputValue()).toBe('Gina Theirs')
    expect(await page.getByRole('button', { name: 'Undo' }).isDisabled()).toBe(true)
    expect((await stored(id)).name).toBe('Gina Theirs')
    await forgetRefusal(id)
  })

  it('of other fields than somebody else changed are saved beside them, without a question', async () => {
    const id = await create('Saskia Side')
    const page = await openPerson(id, 'Saskia Side')
    await metadata(page).fill('{"desk": 5}')
    await calls.ask('PUT', `/persons/${id}`, { name: 'Saskia Beside' })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('Saved.').waitFor(PATIENCE)
    expect(await stored(id)).toMatchObject({ name: 'Saskia Beside', metadata: { desk: 5 } })
    await page.getByRole('heading', { name: 'Saskia Beside', level: 1 }).waitFor(PATIENCE)
    await forgetRefusal(id)
  })
})
