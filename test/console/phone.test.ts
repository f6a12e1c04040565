import type { Browser, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StubbedConsole, startStubbedConsole } from '../bench/stubbed-console.ts'
import { findBrowser, openBrowser } from '../servers/browser.ts'
import { buildConsole } from './built-console.ts'
import { findBarriers, PATIENCE } from './console-under-test.ts'
import { madeUpPerson, showMadeUpPeople } from './made-up-people.ts'

const browserFile = findBrowser()
const ID = '01936a5c-7e1d-7c3a-9f52-000000000007'
const VIEWS = [
  '/search',
  '/compare',
  '/people',
  `/people/${ID}`,
  '/groups',
  '/duplicates',
  '/imports',
] as const
/** Pixels. */
const LEAST_TARGET = 44
/** What is pressed, but for words within words, and boxes whose labels are pressed with them. */
const PRESSED = `[...document.querySelectorAll('a[href], button, select, textarea, input:not([type=checkbox]), .tile')]
  .filter((element) => element.checkVisibility() && !element.matches('.skip, .name, .wordmark'))
  .map((element) => ({ name: element.ariaLabel || element.textContent || element.className, box: element.getBoundingClientRect() }))
  .filter(({ box }) => box.width > 1 && box.height < ${LEAST_TARGET - 0.5})
  .map(({ name, box }) => name.slice(0, 40) + ' ' + box.height)`

/** What of the shell is cut by an edge of the window; and labels of views that are cut, broken, or in no sight. */
const CUT = `[...document.querySelectorAll('.side a, .side button, .side select, .side .who p')]
  .filter((element) => {
    const { left, right } = element.getBoundingClientRect()
    return left < 0 || right > innerWidth + 0.5 || element.scrollWidth > element.clientWidth + 1
  })
  .map((element) => element.textContent)
  .concat([...document.querySelectorAll('.side nav a span')]
    .filter((label) => {
      const [own, link] = [label.getBoundingClientRect(), label.parentElement.getBoundingClientRect()]
      return own.width < 10 || own.height > 24 || own.left < link.left - 0.5 || own.right > link.right + 0.5
    })
    .map((label) => 'the label ' + label.textContent))`
const SIGNED_IN = {
  signedIn: true,
  keysAreSet: true,
  keyName: 'the-key-of-the-office',
  rights: ['read', 'write'],
  writeToken: null,
}

/** In German, whose words are the longer ones. */
describe.skipIf(browserFile === null)('on a phone, the console', { timeout: 120_000 }, () => {
  let stub: StubbedConsole
  let browser: Browser
  let page: Page

  beforeAll(async () => {
    stub = await startStubbedConsole(buildConsole(), 0)
    browser = await openBrowser(browserFile!)
    page = await browser.newPage({
      viewport: { width: 360, height: 740 },
      locale: 'de',
      hasTouch: true,
      isMobile: true,
    })
    await showMadeUpPeople(page, 30)
    await page.goto(`${stub.url}/people`)
  }, 120_000)
  afterAll(async () => {
    await browser?.close()
    await stub?.close()
  })

  const wideBy = () => page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')

  it('has nothing to press that is lower than a finger is wide, and scrolls sideways nowhere', async () => {
    const found: string[] = []
    for (const path of VIEWS) {
      await page.goto(`${stub.url}${path}`)
      await page.locator('h1').waitFor(PATIENCE)
      await expect.poll(() => page.locator('.skeleton').count(), PATIENCE).toBe(0)
      found.push(...(await page.evaluate<string[]>(PRESSED)).map((target) => `${path}: ${target}`))
      if ((await wideBy()) > 0) found.push(`${path} is too wide`)
    }
    expect(found).toEqual([])
  })

  it.each(['en', 'de'])('has all of its shell in sight where keys are set, in %s', async (locale) => {
    const other = await browser.newPage({ locale, hasTouch: true, isMobile: true })
    await showMadeUpPeople(other, 1)
    await other.route('**/api/session', (route) => route.fulfill({ json: SIGNED_IN }))
    for (const width of [360, 390, 768]) {
      await other.setViewportSize({ width, height: 800 })
      // The longest of the words is the one of the view that is open.
      await other.goto(`${stub.url}/duplicates`)
      await other.getByRole('button', { name: locale === 'de' ? 'Abmelden' : 'Sign out' }).waitFor(PATIENCE)
      expect(await other.evaluate(CUT), `${width}`).toEqual([])
      expect(await other.evaluate('document.documentElement.scrollWidth - innerWidth')).toBeLessThanOrEqual(0)
    }
    await other.close()
  })

  it('cuts no line of a command, no field, and lets no long name fill the screen', async () => {
    const other = await browser.newPage({ locale: 'de' })
    const gallery = await showMadeUpPeople(other, 1)
    gallery.people = [madeUpPerson(7, 'Wolfeschlegelsteinhausenbergerdorff '.repeat(12))]
    const number = (script: string) => other.evaluate<number>(script)
    for (const width of [360, 768, 1440]) {
      await other.setViewportSize({ width, height: 800 })
      await other.goto(`${stub.url}/search`)
      await other.locator('.steps pre').waitFor(PATIENCE)
      const beyond =
        "(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(document.querySelector('pre'))"
      expect(await number(beyond), `${width}`).toBe(0)
      await other.goto(`${stub.url}/people/${ID}`)
      const name = other.getByRole('heading', { level: 1, name: /^Wolfe/ })
      await name.waitFor(PATIENCE)
      // Three lines of 26 pixels, each with a fourth of that between.
      expect((await name.boundingBox())!.height, `${width}`).toBeLessThan(100)
      await other.goto(`${stub.url}/groups`)
      const field = other.getByRole('textbox', { name: 'Name einer neuen Gruppe' })
      await field.waitFor(PATIENCE)
      expect((await field.boundingBox())!.width, `${width}`).toBeGreaterThanOrEqual(200)
      await other.getByText('Name der Gruppe').waitFor(PATIENCE)
    }
    // In the middle of the view where there is no list beside it.
    await other.route('**/api/groups?*', (route) => route.fulfill({ json: { items: [] } }))
    await other.reload()
    await other.locator('.state').waitFor(PATIENCE)
    const middle =
      "(({ left, right }) => (left + right) / 2)(document.querySelector('.state').getBoundingClientRect())"
    expect(Math.abs((await number(middle)) - (208 + 1440) / 2)).toBeLessThan(16)
    await other.close()
  })

  it('lets a finger select, and keeps what is done to those who are selected low and side by side', async () => {
    await page.goto(`${stub.url}/people`)
    const mark = page.locator('.tile-mark').first()
    await mark.waitFor(PATIENCE)
    expect(await page.evaluate("getComputedStyle(document.querySelector('.tile-mark')).opacity")).toBe('1')
    await mark.tap()
    await page.getByText('1 Person ausgewählt').waitFor(PATIENCE)
    const bar = (await page.locator('.selection').boundingBox())!
    expect(bar.height).toBeLessThan(140)
    const tops = await page.evaluate<number[]>(
      "[...document.querySelectorAll('.selection .actions .button')].map((button) => button.offsetTop)",
    )
    expect(tops).toHaveLength(3)
    expect(new Set(tops).size).toBe(1)
    expect(await page.evaluate(PRESSED)).toEqual([])
    expect(await findBarriers(page)).toEqual([])
  })

  it('has both places of a comparison of one size, whatever is in them', async () => {
    await page.route('**/api/match', () => {})
    for (const width of [360, 1280]) {
      await page.setViewportSize({ width, height: 800 })
      await page.goto(`${stub.url}/compare`)
      const slots = page.locator('.drop.compare-slot')
      const sizes = () =>
        page.evaluate<string[]>(
          "[...document.querySelectorAll('.compare-slot')].map((slot) => slot.offsetWidth + ' ' + slot.offsetHeight)",
        )
      await expect.poll(() => slots.count(), PATIENCE).toBe(2)
      const [empty] = await sizes()
      expect(await sizes()).toEqual([empty, empty])
      for (const [place, size] of [
        [200, 900],
        [1200, 300],
      ].entries()) {
        const create = { width: size[0]!, height: size[1]!, channels: 3, background: '#a08060' } as const
        const buffer = await sharp({ create }).png().toBuffer()
        await page
          .locator('.compare input[type=file]')
          .nth(place)
          .setInputFiles({ name: 'a.png', mimeType: 'image/png', buffer })
        await page.locator('.face-photo[data-drawn]').nth(place).waitFor(PATIENCE)
        expect(await sizes()).toEqual([empty, empty])
      }
    }
  })
})
