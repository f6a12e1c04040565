import { cpSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSlowTier } from '@semblance/testkit'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callsTo } from '../e2e/calls.ts'
import { findBrowser } from '../servers/browser.ts'
import {
  actionsOn,
  type ConsoleUnderTest,
  forbidTroubles,
  openConsole,
  PATIENCE,
} from './console-under-test.ts'
import { type Keyboard, keyboardOf } from './keyboard.ts'

const browser = findBrowser()
const sample = (number: number) => join(import.meta.dirname, `../../apps/console/public/sample-${number}.jpg`)

/** The five journeys with no mouse at all. In CI the journeys go by both. */
describe.skipIf(browser === null || !isSlowTier)('by the keyboard alone', { timeout: 180_000 }, () => {
  let console: ConsoleUnderTest
  let page: Page
  let keys: Keyboard
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'semblance-keyboard-'))
    console = await openConsole(browser!)
    page = await console.open()
    keys = keyboardOf(page, PATIENCE)
  }, 120_000)
  afterAll(async () => {
    await console?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  forbidTroubles(() => console)

  const { said } = actionsOn(() => page)
  /** From the beginning of the page, as after a new view. */
  const goTo = (view: string) => keys.press(view, 'link')

  it('the first person is enrolled', async () => {
    await keys.choose('Choose photos', [sample(1)])
    await said('Nobody is near enough')
    await keys.press('New person')
    await page.getByRole('textbox', { name: 'Name' }).and(page.locator(':focus')).waitFor(PATIENCE)
    await page.keyboard.type('Eileen Collins')
    await page.keyboard.press('Enter')
    await said('1 person is near enough')
  })

  it('another photo is searched with, its face chosen, the threshold moved, and the person opened', async () => {
    await keys.choose('Another photo', [sample(2)])
    await page.locator('.card').getByRole('link', { name: 'Eileen Collins' }).waitFor(PATIENCE)
    await keys.press(/^1 Eileen Collins$/)
    await keys.tabTo('Threshold', 'slider')
    // Both samples are of one portrait, and within the strictest threshold.
    const slider = page.getByRole('slider', { name: 'Threshold' })
    await page.keyboard.press('Home')
    const strictest = Number(await slider.inputValue())
    expect(strictest).toBe(Number(await slider.getAttribute('min')))
    await page.keyboard.press('ArrowRight')
    await expect.poll(async () => Number(await slider.inputValue())).toBeGreaterThan(strictest)
    await said('1 person is near enough')
    await keys.press('Eileen Collins', 'link')
    await page.locator('h1:focus', { hasText: 'Eileen Collins' }).waitFor(PATIENCE)
  })

  it('a folder is imported, and what failed is mended', async () => {
    const photos = join(folder, 'photos')
    mkdirSync(join(photos, 'E. Collins'), { recursive: true })
    mkdirSync(join(photos, 'Wall'))
    cpSync(sample(2), join(photos, 'E. Collins', '1.jpg'))
    const background = { width: 300, height: 300, channels: 3, background: '#a08060' } as const
    await sharp({ create: background })
      .jpeg()
      .toFile(join(photos, 'Wall', 'wall.jpg'))
    const mended = join(folder, 'mended.jpg')
    await sharp(sample(1)).modulate({ saturation: 0.5 }).jpeg().toFile(mended)

    await goTo('Imports')
    await keys.choose('Choose a folder', [photos])
    const name = page.getByRole('textbox', { name: 'Name of the import' })
    await name.and(page.locator(':focus')).waitFor(PATIENCE)
    await page.keyboard.press('Enter')
    await page.getByText('2 of 2 photos').waitFor(PATIENCE)
    await said('Wall/wall.jpg')
    await keys.choose('Another photo', [mended])
    await keys.press('Mended', 'link')
    await page.getByRole('heading', { name: 'Wall' }).waitFor(PATIENCE)
    await page.locator('.image-tile').waitFor(PATIENCE)
  })

  it('a duplicate is found and merged', async () => {
    await goTo('Duplicates')
    await keys.press('Look for duplicates')
    await keys.press('Keep Eileen Collins')
    await page.getByRole('dialog').waitFor(PATIENCE)
    await keys.press('Keep Eileen Collins')
    await said('Both are Eileen Collins now.')
  })

  it('somebody is erased', async () => {
    await goTo('People')
    await keys.type('Find by name', 'eileen', 'searchbox')
    await page.locator('a[download][href*="namePrefix=Eileen"]').waitFor(PATIENCE)
    await keys.tabTo('Eileen Collins', 'gridcell')
    await page.keyboard.press('Space')
    await keys.press('Delete 1 person')
    await page.getByRole('dialog').waitFor()
    await keys.press('Delete 1 person')
    await said('1 person was erased.')
    const { json } = await callsTo(console.server).ask('GET', '/persons?namePrefix=Eileen')
    expect(json.items).toEqual([])
  })
})
