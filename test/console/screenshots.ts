import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { callsTo } from '../e2e/calls.ts'
import { findBrowser } from '../servers/browser.ts'
import { openConsole } from './console-under-test.ts'

/**
 * Makes the pictures of docs/console.md: `node screenshots.ts PHOTO`. The photo must be one that may be shown; ours is a
 * portrait by NASA, which is in the public domain, out of the PyPI package scikit-image (`skimage/data/astronaut.png`).
 */
const [photo] = process.argv.slice(2)
const browser = findBrowser()
if (photo === undefined || browser === null)
  throw new Error('a photo that may be shown, and a browser, are needed')

const folder = join(import.meta.dirname, '../../docs/console')
mkdirSync(folder, { recursive: true })

const console = await openConsole(browser)
const calls = callsTo(console.server)
const personId = await calls.createPerson({ name: 'Eileen Collins', metadata: { mission: 'STS-114' } })
await calls.createGroup('Crew')
const enrolled = await sharp(photo)
  .extract({ left: 60, top: 0, width: 400, height: 400 })
  .modulate({ brightness: 0.85 })
await calls.addImage(personId, await enrolled.jpeg().toBuffer())

for (const theme of ['light', 'dark'] as const) {
  const page = await console.open({ theme })
  await page.locator('input[type=file]').setInputFiles(photo)
  await page.locator('.card .ruler').waitFor()
  await shoot(page, `search-${theme}`)
  await page.context().close()
}
for (const [name, path] of [
  ['person', `/people/${personId}`],
  ['system', '/system'],
] as const) {
  const page = await console.open({ path })
  await page.waitForLoadState('networkidle')
  await shoot(page, name)
  await page.context().close()
}
await console.close()

/** Small enough for a page of the docs. */
async function shoot(page: Page, name: string): Promise<void> {
  while ((await page.locator('.picture.waiting').count()) > 0) await page.waitForTimeout(100)
  const picture = await page.screenshot()
  await sharp(picture)
    .resize({ width: 1200 })
    .webp({ quality: 72 })
    .toFile(join(folder, `${name}.webp`))
}
