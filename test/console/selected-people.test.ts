import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type StubbedConsole, startStubbedConsole } from '../bench/stubbed-console.ts'
import { findBrowser, openBrowser } from '../servers/browser.ts'
import { buildConsole } from './built-console.ts'
import { findBarriers, PATIENCE } from './console-under-test.ts'
import { type MadeUpPeople, madeUpPerson, showMadeUpPeople } from './made-up-people.ts'

const browserFile = findBrowser()

describe.skipIf(browserFile === null)('people who are selected', { timeout: 120_000 }, () => {
  let stub: StubbedConsole
  let browser: Browser
  let page: Page
  let gallery: MadeUpPeople

  beforeAll(async () => {
    stub = await startStubbedConsole(buildConsole(), 0)
    browser = await openBrowser(browserFile!)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await stub?.close()
  })
  beforeEach(async () => {
    page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en' })
    await page.clock.install()
    gallery = await showMadeUpPeople(page, 400)
    await page.goto(`${stub.url}/people`)
    await tile('Person 3').waitFor(PATIENCE)
  })
  afterEach(() => page.close())

  const tile = (name: string) => page.getByRole('gridcell', { name, exact: true })
  const button = (name: string | RegExp) => page.getByRole('button', { name, exact: true })
  const said = (words: string) => page.locator('.notice').getByText(words).waitFor(PATIENCE)
  const choose = async (...names: readonly string[]) => {
    for (const name of names) {
      await tile(name).focus()
      await page.keyboard.press('Space')
    }
    await page
      .getByText(names.length === 1 ? '1 person selected' : `${names.length} people selected`)
      .waitFor(PATIENCE)
  }
  const leave = (number: number) => {
    gallery.people = gallery.people.filter(({ id }) => id !== madeUpPerson(number).id)
  }
  /** As the browser does it where somebody comes back to the tab after a while. */
  const comeBack = async () => {
    await page.clock.fastForward(11_000)
    await page.evaluate("window.dispatchEvent(new Event('visibilitychange'))")
  }

  it('are not those who were deleted elsewhere, or renamed out of the list, when they are to be deleted', async () => {
    await page.getByLabel('Find by name').fill('person')
    await page.locator('a[download][href*="namePrefix=Person"]').waitFor(PATIENCE)
    await choose('Person 3', 'Person 4', 'Person 5')
    leave(3)
    gallery.people[3] = madeUpPerson(4, 'Somebody else')
    await button('Delete 3 people').click()
    await said('2 people are not in this list, and no longer selected.')
    const dialog = page.getByRole('dialog', { name: 'Delete 1 person for good?' })
    await dialog.getByText('Person 5').waitFor(PATIENCE)
    expect(await findBarriers(page)).toEqual([])
    await dialog.getByRole('button', { name: 'Delete 1 person' }).click()
    await said('1 person was erased.')
    expect(gallery.deleted).toEqual([madeUpPerson(5).id])
  })

  it('are taken out as soon as the list comes without them, but not where they moved on to its next page', async () => {
    await choose('Person 3', 'Person 4')
    await page.keyboard.press('End')
    await tile('Person 399').waitFor(PATIENCE)
    // A key that comes before the next frame is not lost.
    await page.clock.pauseAt(Date.now() + 60_000)
    await page.keyboard.press('Home')
    await tile('Person 0').waitFor(PATIENCE)
    await tile('Person 399').waitFor({ state: 'detached', ...PATIENCE })
    for (let times = 0; times < 4; times++) await page.keyboard.press('PageDown')
    await page.clock.resume()
    const columns = Number(await page.getByRole('grid').getAttribute('aria-colcount'))
    await page.locator(`[data-place="${16 * columns}"]:focus`).waitFor(PATIENCE)
    await tile('Person 99').focus()
    await page.keyboard.press('Space')
    await page.getByText('3 people selected').waitFor(PATIENCE)
    leave(3)
    gallery.people.unshift(madeUpPerson(9000), madeUpPerson(9001))
    await comeBack()
    await said('1 person is not in this list, and no longer selected.')
    await page.getByText('2 people selected').waitFor(PATIENCE)
    await button('Who?').click()
    const dialog = page.getByRole('dialog', { name: 'Who is selected' })
    expect(await dialog.locator('li').allTextContents()).toEqual(['Person 4', 'Person 99'])
    await dialog.getByRole('button', { name: 'Leave out Person 4' }).click()
    await page.keyboard.press('Escape')
    await page.getByText('1 person selected').waitFor(PATIENCE)
  })

  it('are looked for in a list filtered by pictures too, and nothing is begun while the server does not answer', async () => {
    await page.getByLabel('Pictures').selectOption('Without pictures')
    await page.locator('a[download][href*="hasImages=false"]').waitFor(PATIENCE)
    await choose('Person 3', 'Person 4', 'Person 5')
    leave(3)
    const onePerson = /\/api\/persons\/[\w-]+$/
    const busy = { status: 503, json: { statusCode: 503, type: 'Overloaded', msg: 'too much' } }
    await page.route(onePerson, (route) => route.fulfill(busy))
    await button('Delete 3 people').click()
    await page.locator('.selection').getByRole('alert').getByText('The server is busy').waitFor(PATIENCE)
    expect(await page.getByRole('dialog').count()).toBe(0)
    // A proxy's word that there is no such page says nothing about anybody.
    await page.unroute(onePerson)
    await page.route(onePerson, (route) => route.fulfill({ status: 404, body: 'nothing here' }))
    await button('Delete 3 people').click()
    await page.locator('.selection').getByRole('alert').getByText('HTTP 404').waitFor(PATIENCE)
    await page.unroute(onePerson)
    const held = Promise.withResolvers<void>()
    await page.route(/\/api\/persons\?/, async (route) => {
      await held.promise
      await route.fallback()
    })
    await button('Delete 3 people').click()
    await page.locator('.selection .danger[aria-busy]').waitFor(PATIENCE)
    // One thing at a time: whoever presses another button too has no other dialog under the pointer.
    await button('Export').dispatchEvent('click')
    held.resolve()
    await said('1 person is not in this list, and no longer selected.')
    await page.getByRole('dialog', { name: 'Delete 2 people for good?' }).waitFor(PATIENCE)
    await page.getByRole('dialog').getByText('Person 5').waitFor(PATIENCE)
    expect(await page.getByRole('dialog').count()).toBe(1)
  })

  it('are not those whom only a page of before still shows', async () => {
    await tile('Person 3').focus()
    for (let times = 0; times < 20 && (await tile('Person 199').count()) === 0; times++)
      await page.keyboard.press('PageDown')
    await choose('Person 199')
    await page.keyboard.press('End')
    await tile('Person 399').waitFor(PATIENCE)
    for (let times = 0; times < 5 && (await tile('Person 315').count()) === 0; times++)
      await page.keyboard.press('PageUp')
    await tile('Person 315').waitFor(PATIENCE)
    // They move on to the next page, which is read again, while that of before is out of sight.
    gallery.people.unshift(madeUpPerson(9000))
    gallery.people[331] = madeUpPerson(330, 'Renamed')
    const third = page.waitForResponse(/[?&]page=3(&|$)/, PATIENCE)
    await comeBack()
    await third
    await tile('Renamed').waitFor(PATIENCE)
    leave(199)
    await button('Delete 1 person').click()
    await said('1 person is not in this list, and no longer selected.')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  it('stay selected under another filter wherever they are in its list', async () => {
    await choose('Person 0')
    await page.keyboard.press('End')
    await tile('Person 399').and(page.locator(':focus')).waitFor(PATIENCE)
    await page.keyboard.press('Shift+Space')
    const selected = page.locator('.selected > b')
    await expect.poll(() => selected.textContent(), PATIENCE).toBe('400 people selected')
    await page.getByLabel('Find by name').fill('person')
    await expect.poll(() => page.locator('[aria-busy=true] > .people-grid').count(), PATIENCE).toBe(0)
    await button(/^Delete \d+ people$/).click()
    await page.getByRole('dialog').locator('.chosen').waitFor(PATIENCE)
    expect(await selected.textContent()).toBe('400 people selected')
    expect(await page.locator('.notice').count()).toBe(0)
  })

  it('stay selected as far as they were not deleted, where the server refuses in the middle', async () => {
    await choose('Person 3', 'Person 4', 'Person 5')
    let isFirst = true
    gallery.onWrite = (route) => {
      if (isFirst) {
        isFirst = false
        return null
      }
      return route.fulfill({ status: 503, json: { statusCode: 503, type: 'Overloaded', msg: 'too much' } })
    }
    await button('Delete 3 people').click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete 3 people' }).click()
    await page.getByRole('alert').getByText('1 of 3 people were erased. The server is busy').waitFor(PATIENCE)
    await page.getByRole('heading', { name: 'Delete 2 people for good?' }).waitFor(PATIENCE)
    // A proxy that has lost its way erased nobody.
    gallery.onWrite = (route) => route.fulfill({ status: 404, body: 'nothing here' })
    await page.getByRole('dialog').getByRole('button', { name: 'Delete 2 people' }).click()
    await page.getByRole('alert').getByText('0 of 2 people were erased').waitFor(PATIENCE)
    gallery.onWrite = () => null
    await page.getByRole('dialog').getByRole('button', { name: 'Delete 2 people' }).click()
    await said('2 people were erased.')
    expect(gallery.deleted).toHaveLength(3)
    expect(await page.locator('.selected').count()).toBe(0)
    // The dialog does not come back with the next selection.
    await choose('Person 7')
    expect(await page.getByRole('dialog').count()).toBe(0)
  })

  it('are said to be in the group, or not, though the dialog was closed before the server answered', async () => {
    for (const isRefused of [true, false]) {
      const held = Promise.withResolvers<void>()
      gallery.onWrite = async (route) => {
        await held.promise
        return isRefused
          ? route.fulfill({ status: 503, json: { statusCode: 503, type: 'Overloaded', msg: 'too much' } })
          : route.fulfill({ status: 204 })
      }
      if (isRefused) await choose('Person 3', 'Person 4')
      await button('Add to a group …').click()
      await page.getByRole('dialog').getByLabel('Group').selectOption('Crew')
      await page.getByRole('dialog').getByRole('button', { name: 'Add' }).click()
      await page.getByRole('dialog').locator('[aria-busy=true]').waitFor(PATIENCE)
      await page.keyboard.press('Escape')
      await page.getByRole('dialog').waitFor({ ...PATIENCE, state: 'detached' })
      if (!isRefused) {
        // Whoever is selected meanwhile stays so.
        await tile('Person 6').click()
        await page.getByText('3 people selected').waitFor(PATIENCE)
        await button('Who?').click()
        await page.getByRole('dialog', { name: 'Who is selected' }).waitFor(PATIENCE)
      }
      held.resolve()
      await said(
        isRefused
          ? 'Add 2 people to a group: this did not work. The server is busy'
          : '2 people are in Crew now.',
      )
      await page.getByText(isRefused ? '2 people selected' : '1 person selected').waitFor(PATIENCE)
      // A dialog that was opened since is not closed.
      expect(await page.getByRole('dialog').count()).toBe(isRefused ? 0 : 1)
    }
  })

  it('are not told of again in another language', async () => {
    await choose('Person 8', 'Person 9')
    await page.getByLabel('Find by name').fill('person 9')
    await said('1 person is not in this list, and no longer selected.')
    await page.evaluate(`(() => {
      window.heard = []
      new MutationObserver((changes) => {
        for (const { target } of changes) {
          const element = target instanceof Element ? target : target.parentElement
          const live = element?.closest('[role=status], [role=alert], [aria-live]')
          const words = live?.textContent.trim() ?? ''
          if (words !== '' && live.getAttribute('aria-live') !== 'off') window.heard.push(words)
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true })
    })()`)
    await page.getByLabel('Language').selectOption('de')
    await page.getByText('1 Person ausgewählt').waitFor(PATIENCE)
    await page.clock.runFor(2000)
    expect(await page.evaluate('window.heard')).toEqual([])
    // What comes afterwards is told.
    await tile('Person 90').click()
    await expect.poll(() => page.evaluate('window.heard'), PATIENCE).toEqual(['2 Personen ausgewählt'])
  })
})
