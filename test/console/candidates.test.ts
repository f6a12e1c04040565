import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type StubbedConsole, startStubbedConsole } from '../bench/stubbed-console.ts'
import { findBrowser, openBrowser } from '../servers/browser.ts'
import { buildConsole } from './built-console.ts'
import { findBarriers } from './console-under-test.ts'

const browserFile = findBrowser()
/** So many have one picture each. */
const PEOPLE = 2_000
const PATIENCE = { timeout: 30_000 }
const TIME = '2026-01-01T00:00:00.000Z'
const ROI = [300, 200, 300, 360]
const photo = readFileSync(join(import.meta.dirname, '../../apps/console/public/sample-1.jpg'))

/** Of each caption, whether all of it is in sight, and how large it is. */
const SHOWN = `[...document.querySelectorAll('.contact > .small')].map((note) => {
  const isWhole = note.scrollHeight <= note.clientHeight && note.scrollWidth <= note.clientWidth
  return (isWhole ? 'whole ' : 'cut ') + getComputedStyle(note).fontSize
})`

describe.skipIf(browserFile === null)('candidates of a search', { timeout: 120_000 }, () => {
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

  /** A search whose one face is so far from somebody each. */
  const search = async (
    distances: readonly number[],
    { width = 1280, name = 'Person', files = 1 } = {},
  ): Promise<Page> => {
    const page = await browser.newPage({ viewport: { width, height: 900 }, locale: 'en' })
    await page.route('**/api/detect', (route) =>
      route.fulfill({ json: { code: 0, results: { detections: [{ roi: ROI, landmarks: [] }] } } }),
    )
    await page.route('**/api/search', (route) =>
      route.fulfill({
        json: {
          code: 0,
          persons: distances.map((distance, place) => candidate(distance, `${name} ${place}`)),
        },
      }),
    )
    await page.goto(`${stub.url}/search`)
    const file = { name: 'a.jpg', mimeType: 'image/jpeg', buffer: photo }
    await page.locator('input[type=file]').first().setInputFiles(Array(files).fill(file))
    await page.locator('.probe .card').first().waitFor(PATIENCE)
    return page
  }

  it('say how often a stranger would be as near, each by its own distance', async () => {
    const page = await search([0.7, 0.9, 0.95, 1, 1.1])
    const said = async () => {
      const cards = await page.locator('.card').allTextContents()
      return cards.map((card) => /(Fewer|About) [^.]*/.exec(card)?.[0].replace(' in this gallery', ''))
    }
    await expect
      .poll(said, PATIENCE)
      .toEqual([
        'Fewer than one search in 500,000 would show a stranger this near',
        'About one search in 5,000 would show a stranger this near',
        'About one search in 500 would show a stranger this near',
        'About one search in 50 would show a stranger this near',
        'About 2 pictures of strangers would be this near in any search of this gallery',
      ])
    await page.getByRole('slider').fill('0.95')
    const within = page.locator('.threshold')
    await within.getByText('About one search in 500 shows a stranger within it').waitFor(PATIENCE)
    await page.getByRole('slider').fill('0.9')
    await within.getByText('About one search in 5,000 shows a stranger within it').waitFor(PATIENCE)
    await page.close()
  })

  it.each([
    1280, 360,
  ])('beyond the threshold take a line each until they are opened, at %i pixels', async (width) => {
    const page = await search([0.8, 1.02, 1.1, 1.2], { width })
    const folds = page.locator('.fold')
    await expect.poll(() => folds.count(), PATIENCE).toBe(3)
    const heights = await page.evaluate<number[]>(
      "[...document.querySelectorAll('.fold')].map(({ clientHeight }) => clientHeight)",
    )
    expect(Math.max(...heights)).toBeLessThanOrEqual(64)
    const summary = folds.first().locator('summary')
    await summary.getByText('Only just too far.').waitFor()
    expect(await summary.innerText()).toMatch(/Person 1[\s\S]*1\.02/)
    const add = folds.first().getByRole('button', { name: 'Add this face' })
    expect(await add.isVisible()).toBe(false)
    await summary.focus()
    await page.keyboard.press('Enter')
    await add.waitFor(PATIENCE)
    expect(await findBarriers(page)).toEqual([])
    await page.close()
  })

  it('have their names in sight on a contact sheet of a phone', async () => {
    const page = await search([0.8], { width: 360, name: 'Wilhelmina Featherstonehaugh', files: 3 })
    const notes = page.locator('.contact', { hasText: 'Wilhelmina' }).locator('.small')
    await expect.poll(() => notes.count(), PATIENCE).toBe(3)
    const shown = await page.evaluate<string[]>(SHOWN)
    expect(shown).toEqual(Array(3).fill('whole 14px'))
    await page.close()
  })
})

function candidate(distance: number, name: string) {
  const number = name.split(' ').at(-1) ?? ''
  const images = [{ id: `image-${number}`, distance, similarity: 1 - distance / 4, cosine: 0.7 }]
  const id = `01936a5c-7e1d-7c3a-9f52-${number.padStart(12, '0')}`
  const person = { id, name, metadata: {}, groups: [], createdAt: TIME, updatedAt: TIME }
  return { ...person, images, detection: { roi: ROI, landmarks: [] } }
}
