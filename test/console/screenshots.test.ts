import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isSlowTier } from '@semblance/testkit'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { callsTo } from '../e2e/calls.ts'
import { findBrowser } from '../servers/browser.ts'
import { type ConsoleUnderTest, openConsole } from './console-under-test.ts'

const root = join(import.meta.dirname, '../..')
const docs = join(root, 'docs/console')
const sample = (number: number) => join(root, `apps/console/public/sample-${number}.jpg`)

/** Of each view, in the order of the page. */
const PICTURES = [
  'first-minutes',
  'search-light',
  'search-dark',
  'compare',
  'people',
  'person',
  'picture',
  'groups',
  'duplicates',
  'imports',
  'system',
  'api',
] as const
type Picture = (typeof PICTURES)[number]

/** Together they are to stay a small part of the repository. */
const MOST_BYTES = 64_000
const PATIENCE = { timeout: 60_000 }
const browser = findBrowser()
/** `TEST_RECORD=docs/console` keeps what was taken. */
const record = process.env.TEST_RECORD

it('every view has a small picture on the page of the docs', () => {
  const page = readFileSync(join(root, 'docs/console.md'), 'utf8')
  const files = PICTURES.map((name) => `${name}.webp`)
  expect(readdirSync(docs).toSorted()).toEqual(files.toSorted())
  for (const file of files) {
    expect(page).toContain(`(console/${file})`)
    expect(statSync(join(docs, file)).size).toBeLessThan(MOST_BYTES)
  }
})

describe.skipIf(browser === null || !isSlowTier)('screenshots', { timeout: 600_000 }, () => {
  it('are taken of every view, with pictures that may be shown', async () => {
    const console = await openConsole(browser!)
    try {
      const taken = await takeAll(console)
      expect(Object.keys(taken).toSorted()).toEqual(PICTURES.toSorted())
      for (const [name, picture] of Object.entries(taken)) {
        const small = sharp(picture).resize({ width: 1200 }).webp({ quality: 70 })
        expect((await small.toBuffer()).length, name).toBeLessThan(MOST_BYTES)
        if (record !== undefined) await small.toFile(join(root, record, `${name}.webp`))
      }
      expect(console.troubles).toEqual([])
    } finally {
      await console.close()
    }
  })
})

type Taken = Partial<Record<Picture, Buffer>>

async function takeAll(console: ConsoleUnderTest): Promise<Taken> {
  const taken: Taken = {}
  const take = async (name: Picture, path: string, act: (page: Page) => Promise<unknown> = nothing) => {
    const page = await console.open({ path, theme: name.endsWith('dark') ? 'dark' : 'light' })
    await act(page)
    await allIsDrawn(page)
    taken[name] = await page.screenshot()
    await page.context().close()
  }
  await take('first-minutes', '/search')
  const { personId } = await fillGallery(console)
  const search = async (page: Page) => {
    await page.locator('input[type=file]').first().setInputFiles(sample(2))
    await page.locator('.card .ruler').first().waitFor(PATIENCE)
  }
  await take('search-light', '/search', search)
  await take('search-dark', '/search', search)
  await take('compare', '/compare', compareSamples)
  await take('people', '/people')
  await take('person', `/people/${personId}`)
  await take('picture', `/people/${personId}`, async (page) => {
    await page.locator('.image-tile').first().click()
    await page.locator('.boxed-label').waitFor(PATIENCE)
  })
  await take('groups', '/groups')
  await take('duplicates', '/duplicates', async (page) => {
    await page.getByRole('button', { name: 'Look for duplicates' }).click()
    await page.locator('.pairs .card').waitFor(PATIENCE)
  })
  await take('imports', '/imports', importFolder)
  await take('system', '/system')
  await take('api', '/docs', (page) => page.locator('.opblock').first().waitFor(PATIENCE))
  return taken
}

const nothing = async () => {}

/** The network is never idle where a view asks anew every few seconds, so what is still to come is looked for in the page. */
async function allIsDrawn(page: Page): Promise<void> {
  await page.locator('h1, h2').first().waitFor(PATIENCE)
  await expect.poll(() => page.locator('.picture.waiting, .skeleton').count(), PATIENCE).toBe(0)
  const drawn = () => page.evaluate<boolean>('[...document.images].every((image) => image.complete)')
  await expect.poll(drawn, PATIENCE).toBe(true)
  // Such as a bar that still grows.
  await expect.poll(() => page.evaluate('document.getAnimations().length'), PATIENCE).toBe(0)
}

/** One portrait that may be shown, as two persons of whom one is a duplicate, and names without pictures. */
async function fillGallery(console: ConsoleUnderTest): Promise<{ readonly personId: string }> {
  const calls = callsTo(console.server)
  const crew = await calls.createGroup('Crew')
  await calls.createGroup('Visitors')
  const metadata = { mission: 'STS-114', role: 'Commander' }
  for (const name of ['Katherine Johnson', 'Mary Jackson', 'Dorothy Vaughan'])
    await calls.createPerson({ name })
  const twin = await calls.createPerson({ name: 'E. Collins' })
  const personId = await calls.createPerson({ name: 'Eileen Collins', metadata, groups: [crew] })
  await calls.addImage(personId, readFileSync(sample(1)))
  await calls.addImage(twin, await sharp(sample(2)).modulate({ saturation: 0.6 }).jpeg().toBuffer())
  return { personId }
}

async function compareSamples(page: Page): Promise<void> {
  const inputs = page.locator('.compare input[type=file]')
  await inputs.nth(0).setInputFiles(sample(1))
  await inputs.nth(1).setInputFiles(sample(2))
  await page.locator('.compare-card .score b').waitFor(PATIENCE)
}

/** By the page itself, so that it has the photos of the rows that failed. */
async function importFolder(page: Page): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'semblance-photos-'))
  for (const name of ['Eileen Collins', 'Sally Ride']) mkdirSync(join(folder, name))
  cpSync(sample(1), join(folder, 'Eileen Collins', '1.jpg'))
  await sharp({ create: { width: 300, height: 300, channels: 3, background: '#a08060' } })
    .jpeg()
    .toFile(join(folder, 'Sally Ride', 'wall.jpg'))
  await page.locator('input[webkitdirectory]').setInputFiles(folder)
  await page.getByRole('button', { name: 'Import' }).click()
  await page.getByText('2 of 2 photos').waitFor(PATIENCE)
  await page.locator('.failed-row').waitFor(PATIENCE)
  rmSync(folder, { recursive: true })
}
