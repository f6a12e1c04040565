import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { isSlowTier } from '@semblance/testkit'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { findBrowser } from '../servers/browser.ts'
import { availableShapes } from '../servers/installation.ts'
import { findSharedData } from '../servers/shared-data.ts'
import {
  actionsOn,
  type ConsoleUnderTest,
  findBarriers,
  forbidTroubles,
  openConsole,
  PATIENCE,
} from './console-under-test.ts'
import { type Keyboard, keyboardOf } from './keyboard.ts'
import { type Photographed, photographed } from './people-photos.ts'

const browser = findBrowser()
const shared = findSharedData()

const shapes = await availableShapes()
const PATIENT = { timeout: 180_000 }
const isSkipped = browser === null || shared === null

describe.skipIf(isSkipped).each(shapes)('journeys in the console, %s', PATIENT, (shape) => {
  /** Both shapes run the same page and the same API, so that in CI the cluster shows two of the journeys, the slow tier all. */
  const whole = it.skipIf(shape !== 'standalone' && !isSlowTier)
  let console: ConsoleUnderTest
  let page: Page
  let people: readonly Photographed[]
  let folder: string
  let keys: Keyboard

  beforeAll(async () => {
    people = photographed(shared!, { people: 4, photos: 4 })
    folder = mkdtempSync(join(tmpdir(), 'semblance-journeys-'))
    console = await openConsole(browser!, { shape })
    page = await console.open()
    keys = keyboardOf(page, PATIENCE)
  }, 120_000)
  afterAll(async () => {
    await console?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  forbidTroubles(() => console)

  const { button, goTo, said } = actionsOn(() => page)

  /** The people whose names begin so; those of before are in sight until the answer has come. */
  const find = async (name: string) => {
    await page.getByLabel('Find by name').fill(name.toLowerCase())
    const found = String(new URLSearchParams({ namePrefix: name }))
    await page.locator(`a[download][href*="${found}"]`).waitFor(PATIENCE)
    await expect.poll(() => page.getByRole('gridcell').count(), PATIENCE).toBe(1)
  }

  it('the first person: a photo, a name, and they are found by it', async () => {
    const [ada] = people
    await said('Nobody is enrolled yet')
    await page.locator('input[type=file]').setInputFiles(ada!.photos[0]!)
    await said('Nobody is near enough')
    await button('New person').click()
    await page.getByRole('dialog').waitFor()
    expect(await findBarriers(page)).toEqual([])
    await page.getByRole('textbox', { name: 'Name' }).fill(ada!.name)
    await button('Enroll').click()
    await said(`${ada!.name} is enrolled.`)
    await said('1 person is near enough')
  })

  it('who is this: another photo, by the keyboard, and a threshold that asks the server nothing', async () => {
    const [ada] = people
    await keys.choose('Another photo', [ada!.photos[1]!])
    await page.locator('.card').getByRole('link', { name: ada!.name }).waitFor(PATIENCE)
    const asked: string[] = []
    page.on('request', (request) => asked.push(request.url()))
    await page.getByRole('slider', { name: 'Threshold' }).focus()
    await page.keyboard.press('Home')
    await said('Nobody is near enough')
    await page.keyboard.press('End')
    await said('1 person is near enough')
    expect(asked.filter((url) => url.endsWith('/search') || url.endsWith('/detect'))).toEqual([])
  })

  whole(
    'a candidate is said to be somebody else, which the person’s page tells, and it is taken back',
    async () => {
      const [ada] = people
      expect(await findBarriers(page)).toEqual([])
      await keys.tabTo(`Not this person: ${ada!.name}`)
      await page.keyboard.press('Enter')
      await said('Nobody is near enough')
      await said('It is noted that this face is somebody else’s')
      await page.locator('.card').getByRole('link', { name: ada!.name }).click()
      const history = page.getByRole('region', { name: 'What is known of the past' })
      await history.getByText(/at distance [\d.]+: not this person/).waitFor(PATIENCE)
      await history.getByText('A picture was added').waitFor()
      expect(await findBarriers(page)).toEqual([])
      await goTo('Search')
      await button('Take it back').click()
      await said('1 person is near enough')
      await page.locator('.card').getByRole('link', { name: ada!.name }).click()
      await history.getByText('Made', { exact: true }).waitFor(PATIENCE)
      await expect.poll(() => history.getByText('not this person').count(), PATIENCE).toBe(0)
      await goTo('Search')
    },
  )

  whole('a search looks among those with certain metadata', async () => {
    const field = page.getByLabel('Metadata', { exact: true })
    await field.fill('desk=7')
    await field.press('Enter')
    await said('Nobody is near enough')
    await page.locator('.card').getByRole('link', { name: people[0]!.name }).waitFor({ state: 'detached' })
    await page.getByRole('button', { name: 'And …' }).click()
    const asked = page.waitForRequest((request) => request.url().endsWith('/api/search'))
    await page.getByLabel('Metadata 2').fill('floor=3')
    await page.getByLabel('Metadata 2').press('Enter')
    expect((await asked).postData()).toContain('{"desk":["7"],"floor":["3"]}')
    await page.getByLabel('Metadata 2').fill('')
    await field.fill('')
    await said('1 person is near enough')
  })

  whole('two pictures are compared, by the keyboard, and told in words', async () => {
    const [ada, bob] = people
    await goTo('Compare')
    const inputs = page.locator('.compare input[type=file]')
    await inputs.nth(0).setInputFiles(ada!.photos[0]!)
    await keys.choose('Choose a photo', [ada!.photos[1]!])
    const distance = async () => Number(await page.locator('.compare-card .score b').textContent(PATIENCE))
    const same = await distance()
    const words = ['They look like the same person.', 'They may well be the same person.']
    if (same <= 1) await page.getByText(words[same <= 0.75 ? 0 : 1]!).waitFor()
    await page.getByText(/Similarity \d+ %/).waitFor()
    expect(await findBarriers(page)).toEqual([])
    await inputs.nth(1).setInputFiles(bob!.photos[0]!)
    await said('They look like two people.')
    expect(await distance()).toBeGreaterThan(same)
    await button('Clear').click()
    expect(await button('Choose a photo').count()).toBe(2)
    await goTo('Search')
  })

  whole('a folder is imported, and what failed is mended', async () => {
    const photos = join(folder, 'photos')
    for (const { name, photos: own } of people.slice(1, 3)) {
      mkdirSync(join(photos, name), { recursive: true })
      cpSync(own[0]!, join(photos, name, basename(own[0]!)))
    }
    const missing = people[3]!
    mkdirSync(join(photos, missing.name))
    const background = { width: 300, height: 300, channels: 3, background: '#a08060' } as const
    await sharp({ create: background })
      .jpeg()
      .toFile(join(photos, missing.name, 'wall.jpg'))

    await goTo('Imports')
    await page.locator('input[webkitdirectory]').setInputFiles(photos)
    await button('Import').click()
    await page.getByText('3 of 3 photos').waitFor(PATIENCE)
    await page.locator('.legend').getByText('without a face').waitFor(PATIENCE)
    await said(`${missing.name}/wall.jpg`)
    const [chooser] = await Promise.all([
      page.waitForEvent('filechooser'),
      page.locator('.failed-row').getByRole('button').click(),
    ])
    await chooser.setFiles(missing.photos[0]!)
    await page.getByRole('link', { name: 'Mended' }).click(PATIENCE)
    await page.getByRole('heading', { name: missing.name }).waitFor(PATIENCE)
    await page.locator('.image-tile').waitFor(PATIENCE)
  })

  whole('somebody who is enrolled twice is found and merged, by the keyboard', async () => {
    const [, twin] = people
    await goTo('People')
    await button('New person').click()
    await page.getByRole('textbox', { name: 'Name' }).fill('The same again')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'The same again' }).waitFor(PATIENCE)
    await keys.choose('Add pictures', [twin!.photos[1]!])
    await page.locator('.image-tile').waitFor(PATIENCE)
    await keys.tabTo('Duplicates', 'link')
    await page.keyboard.press('Enter')
    await keys.tabTo('Look for duplicates')
    await page.keyboard.press('Enter')
    await keys.press(`Keep ${twin!.name}`)
    await page.getByRole('dialog').getByText('The same again goes').waitFor(PATIENCE)
    await keys.press(`Keep ${twin!.name}`)
    await said(`Both are ${twin!.name} now.`)
    await said('Nobody is enrolled twice')
  })

  whole('faces of other people are added, which is said of each, and they are taken back', async () => {
    const [ada, , , stranger] = people
    await goTo('People')
    await find(ada!.name)
    await keys.tabTo(ada!.name, 'gridcell')
    await page.keyboard.press('Enter')
    await page.locator('h1:focus', { hasText: ada!.name }).waitFor(PATIENCE)
    await page.locator('.image-tile').first().waitFor(PATIENCE)
    const before = await page.locator('.image-tile').count()
    await keys.choose('Add pictures', stranger!.photos.slice(0, 2))
    // Nor does the first of them vouch for the second.
    const far = page.getByText(/This face is far from the other pictures: distance 1\.\d+\./)
    await far.nth(1).waitFor(PATIENCE)
    for (const left of [1, 0]) {
      await button('Take it back').first().click()
      await expect.poll(() => far.count(), PATIENCE).toBe(left)
    }
    await expect.poll(() => page.locator('.image-tile').count(), PATIENCE).toBe(before)
  })

  whole('those who are selected are exported, with their pictures', async () => {
    const [ada] = people
    await goTo('People')
    await find(ada!.name)
    await keys.tabTo(ada!.name, 'gridcell')
    await page.keyboard.press('Space')
    await page
      .getByRole('region', { name: 'What is selected' })
      .getByRole('button', { name: 'Export' })
      .click()
    const dialog = page.getByRole('dialog')
    await dialog.waitFor()
    expect(await findBarriers(page)).toEqual([])
    const [download] = await Promise.all([
      page.waitForEvent('download', PATIENCE),
      dialog.getByRole('button', { name: 'Export' }).click(),
    ])
    expect(download.suggestedFilename()).toMatch(/^semblance-export-[\d-]+\.tar$/)
    const tar = readFileSync(await download.path(), 'latin1')
    expect(tar).toContain('person.json')
    expect(tar).toContain('semblance-export-end.json')
    expect(tar.match(/person\.json/g)).toHaveLength(1)
    await said('1 person is being exported')
    await button('Select nobody').click()
  })

  whole('somebody is erased, by the keyboard, and no search finds them', async () => {
    const [ada] = people
    await goTo('People')
    await find(ada!.name)
    await keys.tabTo(ada!.name, 'gridcell')
    await page.keyboard.press('Space')
    await page.getByRole('button', { name: 'Delete 1 person' }).focus()
    await page.keyboard.press('Enter')
    await page.getByRole('dialog').waitFor()
    await keys.tabTo('Cancel')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await said('1 person was erased.')
    await goTo('Search')
    await button('Clear').click()
    await page.locator('input[type=file]').setInputFiles(ada!.photos[2]!)
    await said('Nobody is near enough')
    expect(await page.locator('.card').getByText(ada!.name).count()).toBe(0)
  })
})
