import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Browser, Page, Route } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StubbedConsole, startStubbedConsole } from '../bench/stubbed-console.ts'
import { findBrowser, openBrowser } from '../servers/browser.ts'
import { buildConsole } from './built-console.ts'
import { findBarriers } from './console-under-test.ts'

const browserFile = findBrowser()
const PEOPLE = 100_000
const PATIENCE = { timeout: 30_000 }
const ID = '01936a5c-7e1d-7c3a-9f52-000000000007'
/** Each with what it asks for: a view that asks for nothing at first has nothing to wait for, or to be refused. */
const ASKING = ['/people', `/people/${ID}`, '/groups', '/duplicates', '/imports', `/imports/${ID}`, '/system']

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

describe.skipIf(browserFile === null)(
  'the console over a server that is made up',
  { timeout: 120_000 },
  () => {
    let stub: StubbedConsole
    let browser: Browser

    beforeAll(async () => {
      stub = await startStubbedConsole(buildConsole(), PEOPLE)
      browser = await openBrowser(browserFile!)
    }, 120_000)
    afterAll(async () => {
      await browser?.close()
      await stub?.close()
    })

    /** @param answer of calls but those of the session; null: the stub answers */
    const open = async (path: string, answer: ((route: Route) => unknown) | null = null) => {
      const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, locale: 'en' })
      if (answer !== null) {
        await page.route('**/api/**', (route) =>
          route.request().url().endsWith('/api/session') ? route.continue() : answer(route),
        )
      }
      await page.goto(`${stub.url}${path}`)
      return page
    }
    const refusal = (status: number, type: string) => (route: Route) =>
      route.fulfill({
        status,
        headers: { 'x-requestid': 'request-1' },
        json: { statusCode: status, type, msg: 'it is so' },
      })

    it('says in each view that the key has no right to it, and offers no second try', async () => {
      for (const path of ASKING) {
        const page = await open(path, refusal(403, 'OriginNotAllowed'))
        await page.getByRole('heading', { name: 'Your key may not do this' }).first().waitFor(PATIENCE)
        expect([path, await page.getByRole('button', { name: 'Try again' }).count()]).toEqual([path, 0])
        await page.close()
      }
    })

    it('draws in each view where something will stand, while it waits', async () => {
      for (const path of ASKING) {
        const page = await open(path, () => {})
        await page.getByRole('status', { name: 'Loading' }).first().waitFor(PATIENCE)
        if (path === '/people') expect(await findBarriers(page)).toEqual([])
        await page.close()
      }
    })

    it('says what failed, under which name the log has it, and asks again where it is told to', async () => {
      let isMended = false
      const page = await open('/people', (route) =>
        isMended ? route.continue() : refusal(500, 'InternalError')(route),
      )
      await page.getByRole('heading', { name: 'This did not work' }).waitFor(PATIENCE)
      await page.getByText('request-1').waitFor()
      expect(await findBarriers(page)).toEqual([])
      isMended = true
      await page.getByRole('button', { name: 'Try again' }).click()
      await page.getByRole('gridcell', { name: 'Person 0', exact: true }).waitFor(PATIENCE)
      await page.close()
    })

    it('says that a person is there no more, who was deleted in another tab, and leads back', async () => {
      let isGone = false
      const page = await open(`/people/${ID}`, (route) =>
        isGone ? refusal(404, 'PersonNotFound')(route) : route.continue(),
      )
      await page.getByRole('heading', { name: 'Person 7' }).waitFor(PATIENCE)
      isGone = true
      await page.getByRole('textbox', { name: 'Name' }).fill('Another name')
      await page.getByRole('button', { name: 'Save' }).click()
      await page.getByRole('alert').first().waitFor()
      await page.getByRole('navigation').getByRole('link', { name: 'Groups' }).click()
      await page.goto(`${stub.url}/people/${ID}`)
      await page.getByRole('heading', { name: 'This is not there any more' }).waitFor(PATIENCE)
      await page.locator('a.back').click()
      await page.getByRole('heading', { name: 'People', level: 1 }).waitFor()
      await page.close()
    })

    it('keeps what is shown while the server is away, says so, and goes on by itself', async () => {
      let isAway = false
      const page = await browser.newPage({ locale: 'en' })
      await page.route('**/api/**', (route) => (isAway ? route.abort() : route.continue()))
      await page.goto(`${stub.url}/people`)
      const ada = page.getByRole('gridcell', { name: 'Person 0', exact: true })
      await ada.locator('.picture:not(.waiting)').waitFor(PATIENCE)
      isAway = true
      await page.getByRole('navigation').getByRole('link', { name: 'System' }).click()
      await page.getByText('The server does not answer.', { exact: true }).first().waitFor(PATIENCE)
      await page.getByRole('navigation').getByRole('link', { name: 'People' }).click()
      await ada.waitFor()
      expect(await findBarriers(page)).toEqual([])
      // Pictures that did not come meanwhile come afterwards.
      await page.evaluate('window.scrollTo(0, 3000)')
      await page.locator('.tile .picture.none').first().waitFor(PATIENCE)
      isAway = false
      await page.locator('.away-notice').waitFor({ ...PATIENCE, state: 'detached' })
      await expect.poll(() => page.locator('.tile .picture.none').count(), PATIENCE).toBe(0)
      await page.close()
    })

    it('comes up by itself where the server was away at first', async () => {
      let isAway = true
      const page = await browser.newPage({ locale: 'en' })
      await page.route('**/api/**', (route) => (isAway ? route.abort() : route.continue()))
      await page.goto(`${stub.url}/people`)
      await page.getByRole('heading', { name: 'The server does not answer.' }).waitFor(PATIENCE)
      isAway = false
      await page.getByRole('gridcell', { name: 'Person 0', exact: true }).waitFor(PATIENCE)
      await page.close()
    })

    it('follows an import again after a proxy said that the server is not there', async () => {
      const rows = { total: 2, ended: 1, byOutcome: { enrolled: 1 } }
      const progress = { rowsPerSecondLately: 1, etaSeconds: 1, waitsFor: null }
      const running = {
        id: ID,
        name: 'Photos',
        state: 'running',
        createdAt: '2026-01-01T00:00:00Z',
        rows,
        progress,
      }
      const done = { ...running, state: 'done', rows: { ...rows, ended: 2, byOutcome: { enrolled: 2 } } }
      let asked = 0
      const page = await open(`/imports/${ID}`, (route) => {
        const url = route.request().url()
        if (url.endsWith(`/api/imports/${ID}`)) return route.fulfill({ json: running })
        if (!url.endsWith('/events')) return route.continue()
        asked++
        if (asked === 1) return route.fulfill({ status: 502 })
        const body = `event: progress\ndata: ${JSON.stringify(done)}\n\n`
        return route.fulfill({ contentType: 'text/event-stream', body })
      })
      await page.getByText('1 of 2 photos').waitFor(PATIENCE)
      await page.getByText('2 of 2 photos').waitFor(PATIENCE)
      await page.close()
    })

    it('says in System what to do about each thing that is wrong', async () => {
      const lane = { waiting: 0, running: 0, oldestMs: 0, workers: 1 }
      const system = {
        ...{ version: '1', uptimeMs: 1000, shape: 'cluster', pack: { id: 'p@1' }, diskFreeBytes: 1e9 },
        counts: { persons: 1, images: 1000, indexedImages: 10, groups: 1, pictureBytes: 1 },
        lanes: {
          search: { ...lane, workers: 0, waiting: 3 },
          enroll: { ...lane, oldestMs: 90_000 },
          bulk: lane,
        },
        dependencies: [{ name: 'Redis', up: false, since: '2026-01-01T00:00:00Z', reason: 'refused' }],
        faults: [{ code: 'E_JOB_FAILED', where: '/api/search', count: 2, lastAt: '2026-01-01T00:00:00Z' }],
        ...{ latencies: [], keys: [] },
      }
      const page = await open('/system', (route) =>
        route.request().url().endsWith('/api/system') ? route.fulfill({ json: system }) : route.continue(),
      )
      const health = page.getByRole('region', { name: 'Health' })
      for (const words of [
        /Redis has been down since .*refused.*runbook/,
        /990 pictures behind the store.*semblance verify/,
        /No worker serves “Searches”. Start one/,
        /“Enrollments” has work that waits for .*More workers/,
        /Only 1 GB are left on the disk.*larger disk/,
      ])
        await health.getByText(words).waitFor(PATIENCE)
      await page.getByText('E_JOB_FAILED').waitFor()
      await page.getByText(/log has each of them/).waitFor()
      expect(await findBarriers(page)).toEqual([])
      await page.close()
    })

    it('looks at two hundred pictures that are dropped at once three at a time', async () => {
      const held: (() => void)[] = []
      const page = await open('/search', async (route) => {
        if (!route.request().url().endsWith('/api/detect')) return route.continue()
        await new Promise<void>((resolve) => held.push(resolve))
        return route.fulfill({ json: { results: { detections: [] } } }).catch(() => {})
      })
      const files = Array.from({ length: 200 }, (_, i) => ({
        name: `${i}.png`,
        mimeType: 'image/png',
        buffer: PNG,
      }))
      await page.locator('input[type=file]').first().setInputFiles(files)
      await page.getByText('0 of 200 pictures are looked at').waitFor(PATIENCE)
      await expect.poll(() => held.length, PATIENCE).toBe(3)
      for (const end of held.splice(0)) end()
      await page.getByText('3 of 200 pictures are looked at').waitFor(PATIENCE)
      await expect.poll(() => held.length, PATIENCE).toBe(3)
      // Other calls have connections left.
      await page.getByRole('navigation').getByRole('link', { name: 'People' }).click()
      await page.getByRole('gridcell', { name: 'Person 0', exact: true }).waitFor(PATIENCE)
      await page.close()
    })

    it('does not leave its page for a file that is dropped beside every place for one', async () => {
      const page = await open('/people')
      await page.getByRole('gridcell', { name: 'Person 0', exact: true }).waitFor(PATIENCE)
      const isKept = await page.evaluate<boolean>(`(() => {
      const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: new DataTransfer() })
      document.querySelector('h1').dispatchEvent(event)
      return event.defaultPrevented
    })()`)
      expect(isKept).toBe(true)
      await page.close()
    })

    it('begins no import of what is no archive, or of a folder without any picture', async () => {
      const page = await open('/imports')
      const refused = page.getByText('There is no picture and no archive in what was given.')
      const log = { name: 'server.log', mimeType: 'text/plain', buffer: Buffer.from('a line') }
      const archive = page.locator('input[type=file]').nth(1)
      // Whatever kind the browser takes it for.
      for (const mimeType of ['text/plain', '', 'image/jpeg']) {
        await archive.setInputFiles({ ...log, mimeType })
        await refused.waitFor(PATIENCE)
        expect(await page.getByRole('dialog').count()).toBe(0)
        await page.reload()
      }
      const folder = mkdtempSync(join(tmpdir(), 'semblance-no-photos-'))
      writeFileSync(join(folder, 'notes.txt'), 'a line')
      await page.locator('input[webkitdirectory]').setInputFiles(folder)
      await refused.waitFor(PATIENCE)
      expect(await page.getByRole('dialog').count()).toBe(0)
      writeFileSync(join(folder, 'ada.jpg'), PNG)
      await page.locator('input[webkitdirectory]').setInputFiles(folder)
      await page.getByText('2 files in 1 folder').waitFor(PATIENCE)
      rmSync(folder, { recursive: true })
      await page.reload()
      await archive.setInputFiles({ ...log, name: 'photos.TAR.GZ' })
      await page.getByRole('dialog').getByText('photos.TAR.GZ').waitFor(PATIENCE)
      await page.close()
    })

    it('lets the faces of a picture be chosen which the browser cannot draw', async () => {
      const roi = (x: number) => ({ roi: [x, 0, 10, 10], landmarks: [[x, 1]] })
      const page = await open('/search', (route) => {
        const url = route.request().url()
        if (url.endsWith('/api/detect'))
          return route.fulfill({ json: { results: { detections: [roi(0), roi(20)] } } })
        return url.endsWith('/api/search') ? route.fulfill({ json: { persons: [] } }) : route.continue()
      })
      const heic = { name: 'photo.heic', mimeType: 'image/heic', buffer: Buffer.from('ftypheic') }
      await page.locator('input[type=file]').first().setInputFiles(heic)
      await page.getByText('The browser cannot show pictures of this kind').waitFor(PATIENCE)
      const second = page.getByRole('button', { name: '2 unknown' })
      await second.click(PATIENCE)
      expect(await second.getAttribute('aria-pressed')).toBe('true')
      await page.close()
    })

    describe('a list of a hundred thousand people', () => {
      const tile = (page: Page, number: number) =>
        page.getByRole('gridcell', { name: `Person ${number}`, exact: true })

      it('is entered anywhere: at its end, by the scroll bar and by a key, with a few calls', async () => {
        const page = await open('/people')
        await tile(page, 0).waitFor(PATIENCE)
        const asked: string[] = []
        page.on('request', (request) => {
          if (request.url().includes('/api/persons?')) asked.push(request.url())
        })
        await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight)')
        await tile(page, PEOPLE - 1).waitFor(PATIENCE)
        expect(asked.length).toBeLessThan(6)
        expect(await page.locator('.tile').count()).toBeLessThan(200)
        await tile(page, PEOPLE - 1).focus()
        await page.keyboard.press('Home')
        await tile(page, 0).and(page.locator(':focus')).waitFor(PATIENCE)
        await page.keyboard.press('End')
        await tile(page, PEOPLE - 1)
          .and(page.locator(':focus'))
          .waitFor(PATIENCE)
        expect(await findBarriers(page)).toEqual([])
        await page.close()
      })

      it('is entered in an order, too', async () => {
        const page = await open('/people')
        await page.getByLabel('Order').selectOption('name')
        await tile(page, 0).waitFor(PATIENCE)
        await page.evaluate('window.scrollTo(0, document.documentElement.scrollHeight / 2)')
        await expect
          .poll(() => page.getByText(/^Person (49|50)\d\d\d$/).count(), PATIENCE)
          .toBeGreaterThan(10)
        await page.close()
      })

      it('is as it was for whoever comes back to it: filter and place', async () => {
        const page = await open('/people')
        await page.getByLabel('Find by name').fill('person 9')
        await tile(page, 9).waitFor(PATIENCE)
        await page.evaluate('window.scrollTo(0, 40000)')
        const far = page.getByRole('gridcell', { name: /^Person 9\d+$/ }).nth(20)
        await far.waitFor(PATIENCE)
        const name = (await far.textContent()) ?? ''
        // By a click of the mouse the list would be scrolled first, to have the whole tile in sight.
        await far.dispatchEvent('click')
        await page.getByRole('heading', { name }).waitFor(PATIENCE)
        await page.goBack()
        await page.getByRole('gridcell', { name, exact: true }).waitFor(PATIENCE)
        expect(await page.getByLabel('Find by name').inputValue()).toBe('person 9')
        await expect.poll(() => page.evaluate('window.scrollY'), PATIENCE).toBe(40000)
        await page.close()
      })

      it('selects between two people whom nobody has scrolled past, and refuses to select everybody', async () => {
        const page = await open('/people')
        await tile(page, 0).waitFor(PATIENCE)
        await tile(page, 0).focus()
        await page.keyboard.press('Space')
        for (let times = 0; times < 12; times++) await page.keyboard.press('PageDown')
        await page.keyboard.press('Shift+Space')
        await page.getByText(/^[1-9]\d\d people selected$/).waitFor(PATIENCE)
        await page.keyboard.press('Control+a')
        await page.getByText('At most 1000 people can be selected at once.').waitFor(PATIENCE)
        await page.close()
      })

      /** A filter whose answer comes when `release` is called; the list of before is in sight until then. */
      const filterSlowly = async (page: Page, typed: string) => {
        const held = Promise.withResolvers<void>()
        await page.route(/\/api\/persons\?.*namePrefix/, async (route) => {
          if (route.request().method() === 'DELETE') return route.fallback()
          await held.promise
          return route.continue().catch(() => {})
        })
        await page.getByLabel('Find by name').fill(typed)
        await page.locator('[aria-busy=true] > .people-grid').waitFor(PATIENCE)
        return () => held.resolve()
      }

      it('keeps whoever was selected while it changed and is in the new one, and tells of the others', async () => {
        const page = await open('/people')
        await tile(page, 9).waitFor(PATIENCE)
        const release = await filterSlowly(page, 'person 9')
        await tile(page, 8).focus()
        await page.keyboard.press('Space')
        await page.keyboard.press('ArrowRight')
        await page.keyboard.press('Space')
        await page.getByText('2 people selected').waitFor(PATIENCE)
        release()
        await page.getByText('1 person is not in this list, and no longer selected.').waitFor(PATIENCE)
        await page.getByText('1 person selected').waitFor(PATIENCE)
        expect(await tile(page, 9).getAttribute('aria-selected')).toBe('true')
        await page.close()
      })

      it('deletes whom it asked about, though its list became another one while it asked', async () => {
        const deleted: string[] = []
        const page = await open('/people', (route) => {
          if (route.request().method() !== 'DELETE') return route.continue()
          deleted.push(route.request().url())
          return route.fulfill({ json: { count: 1, images: 2 } })
        })
        await page.getByLabel('Find by name').fill('person 77777')
        await tile(page, 77_777).waitFor(PATIENCE)
        const asks = page.getByRole('button', { name: 'Delete all who are found' })
        const release = await filterSlowly(page, 'person 88888')
        await asks.click()
        await page.getByRole('dialog').waitFor(PATIENCE)
        release()
        await page.locator('a[download][href*="88888"]').waitFor({ ...PATIENCE, state: 'attached' })
        await page.getByRole('dialog').getByRole('button', { name: 'Delete 1 person' }).click()
        await expect.poll(() => deleted.length, PATIENCE).toBe(2)
        expect(deleted.map((url) => new URL(url).searchParams.get('namePrefix'))).toEqual([
          'Person 77777',
          'Person 77777',
        ])
        await page.close()
      })
    })
  },
)
