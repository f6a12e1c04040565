import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { isSlowTier } from '@semblance/testkit'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { callsTo } from '../e2e/calls.ts'
import { findBrowser } from '../servers/browser.ts'
import {
  type ConsoleUnderTest,
  findBarriers,
  forbidTroubles,
  openConsole,
  PATIENCE,
} from './console-under-test.ts'

const browser = findBrowser()
const MARKUP = `<img src=x onerror="document.title='owned'"><b>Ada</b>`
/** Of a file, which has no slash. */
const LONG = `${'Ada\u202e\u200f'.repeat(8)}${'x'.repeat(900)}`
const FILE_NAME = `<img src=x onerror="document.title='owned'">.jpg`
const VIEWS = ['/search', '/compare', '/people', '/groups', '/duplicates', '/imports', '/system'] as const
const MOST_SCRIPT = 250_000

describe.skipIf(browser === null)('views of the console', { timeout: 180_000 }, () => {
  let console: ConsoleUnderTest
  let personId: string
  let longId: string
  /** With one file. */
  let folder: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'semblance-views-'))
    writeFileSync(join(folder, 'a.jpg'), 'a')
    console = await openConsole(browser!)
    const calls = callsTo(console.server)
    personId = await calls.createPerson({ name: MARKUP, metadata: { note: MARKUP }, externalId: MARKUP })
    longId = await calls.createPerson({ name: LONG, externalId: LONG, metadata: { [LONG]: LONG.repeat(50) } })
    await calls.createGroup(MARKUP)
    await calls.createGroup(LONG)
    await calls.ask('POST', '/imports', { name: MARKUP })
  }, 120_000)
  afterAll(async () => {
    await console?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  forbidTroubles(() => console)

  const settle = (page: Page) => page.waitForLoadState('networkidle')

  /** Of a wide screen, a phone, a tablet, and a small screen at 200 %. */
  it.each([
    ['light', 1440] as const,
    ['dark', 390] as const,
    ...(isSlowTier ? [['light', 900] as const, ['dark', 640] as const] : []),
  ])('have no barrier that axe calls serious, and scroll sideways nowhere, %s at %i pixels', async (theme, width) => {
    const found: string[] = []
    const page = await console.open({ theme, width })
    for (const path of [...VIEWS, `/people/${personId}`, `/people/${longId}`]) {
      await page.goto(`${console.server.url}${path}`)
      await settle(page)
      found.push(...(await findBarriers(page)).map((barrier) => `${path} ${barrier}`))
      const over = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
      if (over > 0) found.push(`${path} is ${over} pixels too wide`)
    }
    expect(found).toEqual([])
  })

  it('show markup in names, metadata and ids as the text that it is', async () => {
    const page = await console.open({ path: `/people/${personId}` })
    await page.getByRole('heading', { name: MARKUP }).waitFor()
    for (const path of ['/people', '/groups', '/imports', '/search']) {
      await page.goto(`${console.server.url}${path}`)
      await settle(page)
      if (path !== '/search') await page.getByText(MARKUP).filter({ visible: true }).first().waitFor()
      expect(await page.locator('img[src="x"], main b:text-is("Ada")').count()).toBe(0)
      expect(await page.title()).not.toContain('owned')
    }
  })

  it('speak German to whoever wants it, and keep that', async () => {
    const page = await console.open({ path: '/people', locale: 'de-AT' })
    await page.getByRole('heading', { name: 'Personen' }).waitFor()
    await page.getByLabel('Sprache').selectOption('en')
    await page.getByRole('heading', { name: 'People' }).waitFor()
    await page.reload()
    await page.getByRole('heading', { name: 'People' }).waitFor()
    expect(await page.evaluate('document.documentElement.lang')).toBe('en')
  })

  it('show file names that are markup as the text that they are', async () => {
    const { url } = console.server
    const calls = callsTo(console.server)
    const { id } = (await calls.ask('POST', '/imports', { name: 'Names' })).json
    const row = { key: FILE_NAME, person: { externalId: 'x' }, picture: 'AAAA' }
    const headers = { 'content-type': 'application/x-ndjson' }
    const path = `/api/imports/${id}/rows`
    const added = await calls.send({ method: 'POST', path, headers, body: JSON.stringify(row) })
    expect(added.json).toMatchObject({ added: 1 })
    const page = await console.open({ path: `/imports/${id}` })
    await page.getByText(FILE_NAME).first().waitFor()
    expect(await page.locator('main img[src="x"], main b:text-is("Ada")').count()).toBe(0)
    await page.goto(`${url}/people/${personId}`)
    const file = { name: FILE_NAME, mimeType: 'image/jpeg', buffer: Buffer.from('no picture') }
    await page.locator('.images input[type=file]').setInputFiles(file)
    await page.getByText(`${FILE_NAME}:`).waitFor()
    // The browser notes the one refusal that this is about.
    const isRefusal = (trouble: string) => /status of 400.*\/images$/.test(trouble)
    await expect.poll(() => console.troubles.filter(isRefusal).length).toBe(1)
    console.troubles.splice(console.troubles.findIndex(isRefusal), 1)
    await page.goto(`${url}/search`)
    await page.locator('input[type=file]').setInputFiles([file, file])
    await page.getByRole('alert').getByText('This is no picture that can be read').waitFor()
    await page.getByRole('alert').getByText(FILE_NAME).waitFor()
    // It says that alone: nobody looked for faces, and the server reads it no more than the browser does.
    await expect.poll(() => page.locator('.contact', { hasText: 'no picture' }).count()).toBe(2)
    expect(await page.getByText(/no face|all the same|browser cannot/i).count()).toBe(0)
    expect(await page.locator('main img[src="x"], main b:text-is("Ada")').count()).toBe(0)
    expect(await page.title()).not.toContain('owned')
  })

  it('tell what keeps the server from reading the rows of an import', async () => {
    const calls = callsTo(console.server)
    const { id } = (await calls.ask('POST', '/imports', { name: 'Bucket' })).json
    await calls.ask('POST', `/imports/${id}/source`, {
      url: 'http://127.0.0.1:9/people.csv?signature=secret',
    })
    const page = await console.open({ path: `/imports/${id}` })
    await page.getByText('could not go on reading http://127.0.0.1:9/people.csv.').waitFor()
    const { source } = (await calls.ask('GET', `/imports/${id}`)).json
    await page.getByText(source.why).waitFor()
    expect(await page.getByText('secret').count()).toBe(0)
    expect(await findBarriers(page)).toEqual([])
  })

  it('tell of an address that is not there, and lead back', async () => {
    for (const path of ['/nonsense', '/search/more']) {
      const page = await console.open({ path })
      await page.getByRole('heading', { name: 'Page not found', level: 1 }).waitFor()
      expect(await findBarriers(page)).toEqual([])
      await page.getByRole('link', { name: 'See everybody' }).click()
      await page.getByRole('heading', { name: 'People', level: 1 }).waitFor()
    }
    // The browser notes the status.
    const isLost = (trouble: string) => /status of 404.*\/nonsense$/.test(trouble)
    console.troubles.splice(0, Number.POSITIVE_INFINITY, ...console.troubles.filter((one) => !isLost(one)))
  })

  it('keep all digits of a number in metadata', async () => {
    const calls = callsTo(console.server)
    const digits = '{"badge":12345678901234567890,"rate":0.10,"note":"a"}'
    const body = `{"name":"Digits","metadata":${digits}}`
    const { id } = (await calls.send({ method: 'POST', path: '/api/persons', body })).json
    const page = await console.open({ path: `/people/${id}` })
    const field = page.getByLabel('Metadata (JSON)')
    expect(await field.inputValue()).toBe(
      '{\n  "badge": 12345678901234567890,\n  "rate": 0.10,\n  "note": "a"\n}',
    )
    await field.fill((await field.inputValue()).replace('"a"', '"b"'))
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
    const { bytes } = await calls.send({ method: 'GET', path: `/api/persons/${id}` })
    expect(bytes.toString().replace(/\s/g, '')).toContain(digits.replace('"a"', '"b"'))
  })

  it('delete and export whom the list shows, also for a name that was typed in small letters', async () => {
    await callsTo(console.server).createPerson({ name: 'Zoe Quill', metadata: { desk: 7 } })
    const page = await console.open({ path: '/people' })
    await page.getByLabel('Find by name').fill('zoe')
    await page.getByRole('gridcell', { name: 'Zoe Quill' }).waitFor()
    const link = page.getByRole('link', { name: 'Export all who are found' })
    expect(await link.getAttribute('href')).toContain('namePrefix=Zoe')
    await page.getByRole('button', { name: 'Delete all who are found' }).click()
    await page.getByRole('dialog').getByText('1 person with 0 pictures').waitFor()
    expect(await findBarriers(page)).toEqual([])
    await page.keyboard.press('Escape')
    await page.getByLabel('Find by name').fill('')
    const metadata = page.getByLabel('Metadata', { exact: true })
    await metadata.fill('desk')
    await page.getByText('Such as department=reception').waitFor()
    await page.getByRole('link', { name: 'Export everybody' }).waitFor()
    await metadata.fill('desk=7')
    await page.getByRole('link', { name: 'Export all who are found' }).waitFor()
    await expect.poll(() => page.getByRole('gridcell').count()).toBe(1)
    await page.getByRole('button', { name: 'And …' }).click()
    const second = page.getByLabel('Metadata 2')
    await second.fill('hat=no')
    await page.getByText('Nobody is found').waitFor()
    await second.fill('')
    await expect.poll(() => page.getByRole('gridcell').count()).toBe(1)
    await metadata.fill('desk=8')
    await page.getByText('Nobody is found').waitFor()
    // With each letter, and whoever types stays in the field.
    await metadata.press('Backspace')
    await page.keyboard.type('7')
    await expect.poll(() => page.getByRole('gridcell').count()).toBe(1)
    expect(await metadata.inputValue()).toBe('desk=7')
  })

  it('end an import whose page is gone with what it has, and one whose page stops sending', async () => {
    const calls = callsTo(console.server)
    const { id } = (await calls.ask('POST', '/imports', { name: 'Left alone' })).json
    const page = await console.open({ path: `/imports/${id}` })
    await page.getByText('It waits for more photos.').waitFor()
    await page.getByRole('button', { name: 'Nothing more will come' }).click()
    await page.locator('.chip', { hasText: 'Done' }).waitFor(PATIENCE)
    await page.goto(`${console.server.url}/imports`)
    const held = Promise.withResolvers<void>()
    await page.route('**/rows', async (route) => {
      await held.promise
      await route.abort()
    })
    await page.locator('input[webkitdirectory]').setInputFiles(folder)
    await page.getByLabel('Name of the import').fill('Stopped')
    await page.getByRole('button', { name: 'Import', exact: true }).click()
    await page.getByText('0 of 1 files are sent.').waitFor(PATIENCE)
    await page.getByRole('button', { name: 'End it' }).click()
    await page.getByRole('link', { name: /^Stopped.*Cancelled/ }).waitFor(PATIENCE)
    held.resolve()
    await page.unroute('**/rows')
    console.troubles.length = 0
  })

  it('say what is wrong with metadata before it is sent', async () => {
    const page = await console.open({ path: `/people/${personId}` })
    await page.getByLabel('Metadata (JSON)').fill('{"desk": }')
    await page.getByText('This is no JSON object').waitFor()
    expect(await page.getByRole('button', { name: 'Save' }).isDisabled()).toBe(true)
    await page.getByLabel('Metadata (JSON)').fill('{"desk": 3}')
    await page.getByRole('button', { name: 'Save' }).click()
    await page.getByText('Saved.').waitFor()
  })

  it('keep nothing of anybody in the browser’s storage or in an address', async () => {
    const page = await console.open({ path: '/people' })
    await page.getByLabel('Find by name').fill('<img')
    await page.locator('a[href*="namePrefix=%3Cimg"]').waitFor(PATIENCE)
    const kept = await page.evaluate<string>(
      'JSON.stringify({ ...localStorage, ...sessionStorage }) + location.href',
    )
    expect(kept).not.toContain('img')
  })

  it('lead from an empty gallery to the first answer by the sample pictures, with no barrier on the way', async () => {
    const page = await console.open()
    const found: string[] = []
    const look = async () => found.push(...(await findBarriers(page)))
    await page.getByText('No photo at hand?').waitFor()
    await look()
    await page.getByRole('button', { name: 'Sample 1' }).click()
    await page.getByRole('button', { name: 'New person' }).click(PATIENCE)
    await page.getByRole('textbox', { name: 'Name' }).fill('Eileen Collins')
    await look()
    await page.getByRole('button', { name: 'Enroll' }).click()
    await page.getByText('1 person is near enough').waitFor(PATIENCE)
    await page.getByRole('button', { name: 'Sample 2' }).click()
    await page.locator('.contact[aria-pressed=true]').getByText('Eileen Collins').waitFor(PATIENCE)
    await page.locator('.card').getByRole('link', { name: 'Eileen Collins' }).waitFor(PATIENCE)
    await look()
    expect(found).toEqual([])
  })

  it('show which face of a picture was enrolled, and how good it is', async () => {
    const calls = callsTo(console.server)
    const [eileen] = (await calls.ask('GET', '/persons?namePrefix=Eileen')).json.items
    const [imageId] = await calls.imageIds(eileen.id)
    const { bytes } = await calls.ask('GET', `/persons/${eileen.id}/images/${imageId}`)
    const detected = await calls.ask('POST', '/detect', { image: { content: bytes.toString('base64') } })
    const [x, y] = detected.json.results.detections[0].roi
    const page = await console.open({ path: `/people/${eileen.id}`, theme: 'dark', width: 390 })
    await page.locator('.image-tile').click(PATIENCE)
    const box = page.locator('.boxed-lines .over rect')
    await box.waitFor(PATIENCE)
    expect(Number(await box.getAttribute('x'))).toBeCloseTo(x, 1)
    expect(Number(await box.getAttribute('y'))).toBeCloseTo(y, 1)
    expect(await page.locator('.boxed-lines .over circle').count()).toBe(5)
    await page
      .getByText(/^[0-9]+ of [0-9]+ fine$/)
      .first()
      .waitFor()
    expect(await findBarriers(page)).toEqual([])
  })

  it.each([
    ['/people', 'New person'],
    ['person', 'Merge'],
    ['person', 'Delete'],
    ['/search', 'Use the camera'],
  ])('have no barrier in the dialog that opens on %s by %s', async (view, name) => {
    const path = view === 'person' ? `/people/${personId}` : view
    const page = await console.open({ path, width: 390 })
    await page.getByRole('button', { name }).click(PATIENCE)
    await page.getByRole('dialog').waitFor()
    expect(await findBarriers(page)).toEqual([])
    const over = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
    expect(Math.max(0, over)).toBe(0)
  })

  it('need less than 250 KB of script, gzipped, at the first view', async () => {
    const sizes: number[] = []
    const page = await console.open()
    page.on('response', async (response) => {
      if (response.url().endsWith('.js')) sizes.push(gzipSync(await response.body()).length)
    })
    await page.reload()
    await settle(page)
    const sum = sizes.reduce((total, size) => total + size, 0)
    expect(sum).toBeGreaterThan(10_000)
    expect(sum).toBeLessThan(MOST_SCRIPT)
  })
})
