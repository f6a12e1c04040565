import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { makeZip } from '../../libs/import-sources/src/testing/make-archives.ts'
import { type Calls, callsTo } from '../e2e/calls.ts'
import { findBrowser } from '../servers/browser.ts'
import {
  actionsOn,
  type ConsoleUnderTest,
  findBarriers,
  forbidTroubles,
  openConsole,
  PATIENCE,
} from './console-under-test.ts'
import { keyboardOf } from './keyboard.ts'
import { sideBySide } from './people-photos.ts'

const browser = findBrowser()
const publicFolder = join(import.meta.dirname, '../../apps/console/public')
const sample = (number: number) => join(publicFolder, `sample-${number}.jpg`)
/** Of the server's usual limit for a body, five times as much. */
const LARGE = 100_000_000

/** Over one gallery, in the order in which they stand: each leaves Eileen Collins in the group Crew. */
describe.skipIf(browser === null)('actions in the console', { timeout: 120_000 }, () => {
  let console: ConsoleUnderTest
  let calls: Calls
  let page: Page
  let folder: string
  let eileen: string

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'semblance-actions-'))
    const camera = join(folder, 'camera.mjpeg')
    await sharp(sample(1)).resize(640, 480, { fit: 'contain' }).jpeg().toFile(camera)
    console = await openConsole(browser!, { camera })
    calls = callsTo(console.server)
    const crew = await calls.createGroup('Crew')
    await calls.createGroup('Visitors')
    eileen = await calls.createPerson({ name: 'Eileen Collins', groups: [crew] })
    await calls.addImage(eileen, readFileSync(sample(1)))
    page = await console.open()
  }, 120_000)
  afterAll(async () => {
    await console?.close()
    rmSync(folder, { recursive: true, force: true })
  })
  forbidTroubles(() => console)

  const { button, goTo, said } = actionsOn(() => page)
  const found = (name: string) =>
    page.locator('.card:not(.beyond)').getByRole('link', { name }).waitFor(PATIENCE)
  /** Whatever is sent goes through the debugger where requests are watched, and it is too much for that. */
  const unwatched = async () => {
    await page.unrouteAll({ behavior: 'ignoreErrors' })
  }

  it('search with a picture that is pasted, and compare two', async () => {
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.evaluate(`(async () => {
      const bitmap = await createImageBitmap(await (await fetch('/sample-2.jpg')).blob())
      const canvas = new OffscreenCanvas(bitmap.width, bitmap.height)
      canvas.getContext('2d').drawImage(bitmap, 0, 0)
      await navigator.clipboard.write([new ClipboardItem({ 'image/png': await canvas.convertToBlob() })])
    })()`)
    await page.keyboard.press('Control+v')
    await found('Eileen Collins')
    await goTo('Compare')
    await button('Choose a photo').first().waitFor(PATIENCE)
    await page.keyboard.press('Control+v')
    await page.locator('.compare .face-photo').first().waitFor(PATIENCE)
    await page.keyboard.press('Control+v')
    await said('They look like the same person.')
    await goTo('Search')
  })

  it('draw boxes where the faces are, whatever the shape of the picture', async () => {
    for (const [width, height] of [
      [1600, 300],
      [200, 900],
    ] as const) {
      const buffer = await sharp(sample(1)).resize(width, height, { fit: 'contain' }).jpeg().toBuffer()
      const input = page.locator('input[type=file]').first()
      await input.setInputFiles({ name: `${width}.jpg`, mimeType: 'image/jpeg', buffer })
      await page.locator('.face-photo[data-drawn]').waitFor(PATIENCE)
      const drawn = '(({ clientWidth, clientHeight }) => clientWidth / clientHeight)'
      const ratio = () => page.evaluate<number>(`${drawn}(document.querySelector('.face-photo > img'))`)
      await expect.poll(async () => Math.abs((await ratio()) / (width / height) - 1)).toBeLessThan(0.02)
      const frame = () => page.evaluate<number>(`${drawn}(document.querySelector('.face-photo'))`)
      await expect.poll(async () => Math.abs((await frame()) / (width / height) - 1)).toBeLessThan(0.02)
    }
    await button('Clear').click()
    await page.locator('input[type=file]').first().setInputFiles(sample(2))
    await found('Eileen Collins')
  })

  it('search in one group', async () => {
    await page.getByLabel('Look in').selectOption('Visitors')
    await said('Nobody is near enough')
    await page.getByLabel('Look in').selectOption('Crew')
    await found('Eileen Collins')
    await page.getByLabel('Look in').selectOption('Everybody')
  })

  it('add the face that was searched with to who was found', async () => {
    await button('Add this face').click(PATIENCE)
    await said('The face was added to Eileen Collins.')
    expect(await calls.imageIds(eileen)).toHaveLength(2)
    await said('2 of their pictures are within reach')
  })

  it('search with a picture of the camera, which is off again afterwards', async () => {
    await page.context().grantPermissions(['camera'])
    await page.evaluate(`(() => {
      const ask = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices)
      navigator.mediaDevices.getUserMedia = async (wanted) => (window.seen = await ask(wanted))
    })()`)
    await button('Use the camera').click()
    await expect
      .poll(() => page.evaluate('document.querySelector("video")?.videoWidth ?? 0'), PATIENCE)
      .toBeGreaterThan(0)
    expect(await findBarriers(page)).toEqual([])
    await button('Take the picture').click()
    await page.locator('.contact[aria-pressed=true]').getByText('Eileen Collins').waitFor(PATIENCE)
    expect(await page.evaluate('window.seen.getTracks().map(({ readyState }) => readyState)')).toEqual([
      'ended',
    ])
    await button('Clear').click()
  })

  it('say what is wrong with a file of no bytes, and with one that is far too large', async () => {
    const drop = (size: number, place = 0) =>
      page.evaluate(`(() => {
        const dataTransfer = new DataTransfer()
        dataTransfer.items.add(new File([new Uint8Array(${size})], 'photo.jpg', { type: 'image/jpeg' }))
        const event = new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer })
        document.querySelectorAll('main .drop')[${place}].dispatchEvent(event)
      })()`)
    await unwatched()
    await drop(0)
    await said('The file has no bytes.')
    await goTo('Compare')
    await button('Choose a photo').first().waitFor(PATIENCE)
    await drop(0)
    await drop(0, 1)
    await said('The file has no bytes.')
    await goTo('Search')
    await button('Clear').click()
    await drop(LARGE)
    await said(/larger than the server takes/)
    await page.goto(`${console.server.url}/people/${eileen}`)
    await page.locator('.image-tile').first().waitFor(PATIENCE)
    await drop(LARGE)
    await said(/photo\.jpg: .*larger than the server takes/)
    await drop(0)
    await said(/photo\.jpg: The file has no bytes\./)
    expect(await calls.imageIds(eileen)).toHaveLength(2)
    // The browser notes both refusals.
    const isRefusal = (trouble: string) => trouble.includes('status of 413')
    await expect.poll(() => console.troubles.filter(isRefusal).length).toBe(2)
    console.troubles.splice(0, 2)
  })

  it('put those who are selected into a group, by the keyboard', async () => {
    for (const name of ['Mary Jackson', 'Dorothy Vaughan']) await calls.createPerson({ name })
    await page.goto(`${console.server.url}/people`)
    await page.getByRole('gridcell', { name: 'Eileen Collins' }).waitFor(PATIENCE)
    const keys = keyboardOf(page, PATIENCE)
    await keys.tabTo('Dorothy Vaughan', 'gridcell')
    await page.keyboard.press('Control+a')
    await said('3 people selected')
    await keys.press('Add to a group …')
    await page.getByRole('dialog').waitFor()
    expect(await findBarriers(page)).toEqual([])
    // Whoever opens it is where something is to be chosen.
    await page.getByRole('combobox', { name: 'Group' }).and(page.locator(':focus')).waitFor(PATIENCE)
    // Each arrow changes the value of the list, and none of them adds anybody.
    const group = page.getByRole('dialog').getByLabel('Group').locator('option:checked')
    for (let presses = 0; presses < 5 && (await group.textContent()) !== 'Visitors'; presses++)
      await page.keyboard.press('ArrowDown')
    await keys.press('Add')
    await said('3 people are in Visitors now.')
    const { json } = await calls.ask('GET', '/groups?size=10')
    const counts = await Promise.all(
      json.items.map(async ({ id, name }: { id: string; name: string }) => [
        name,
        (await calls.ask('GET', `/groups/${id}`)).json.memberCount,
      ]),
    )
    expect(Object.fromEntries(counts)).toMatchObject({ Crew: 1, Visitors: 3 })
  })

  it('make a group, rename it and delete it', async () => {
    const names = async () =>
      (await calls.ask('GET', '/groups?size=10')).json.items.map(({ name }: { name: string }) => name)
    const before = await names()
    await page.goto(`${console.server.url}/groups`)
    await page.getByLabel('Name of a new group').fill('Pilots')
    await button('Create').click()
    await page.getByRole('region', { name: 'Pilots' }).waitFor(PATIENCE)
    expect(await names()).toEqual(expect.arrayContaining([...before, 'Pilots']))
    await page.getByLabel('Name of the group').fill('Test pilots')
    await button('Rename').click()
    await page.getByRole('region', { name: 'Test pilots' }).waitFor(PATIENCE)
    await button('Delete the group').click()
    const dialog = page.getByRole('dialog', { name: 'Delete the group Test pilots?' })
    await dialog.getByText('Its people stay, without this group.').waitFor(PATIENCE)
    expect(await names()).toEqual(expect.arrayContaining([...before, 'Test pilots']))
    await dialog.getByRole('button', { name: 'Delete the group' }).click()
    await dialog.waitFor({ ...PATIENCE, state: 'detached' })
    await page.locator('.group-line', { hasText: 'Test pilots' }).waitFor({ ...PATIENCE, state: 'detached' })
    expect((await names()).toSorted()).toEqual(before.toSorted())
  })

  it('merge somebody into the person whose page it is', async () => {
    const twin = await calls.createPerson({ name: 'E. Collins' })
    await calls.addImage(twin, await sharp(sample(2)).modulate({ saturation: 0.6 }).jpeg().toBuffer())
    await page.goto(`${console.server.url}/people/${eileen}`)
    await button('Merge').click(PATIENCE)
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'E. Collins' }).waitFor(PATIENCE)
    await dialog.getByLabel('Find by name').fill('mary')
    await dialog.getByRole('button', { name: 'Mary Jackson' }).waitFor(PATIENCE)
    await dialog.getByLabel('Find by name').fill('')
    await dialog.getByRole('button', { name: 'E. Collins' }).click(PATIENCE)
    await dialog.getByRole('button', { name: 'Merge E. Collins' }).click()
    await said('Both are Eileen Collins now.')
    await dialog.waitFor({ state: 'detached' })
    await expect.poll(() => page.locator('.image-tile').count(), PATIENCE).toBe(3)
    expect((await calls.ask('GET', `/persons/${twin}`)).status).toBe(404)
  })

  it('put a pair of duplicates off, and keep it apart for good', async () => {
    const twin = await calls.createPerson({ name: 'Twin' })
    await calls.addImage(twin, await sharp(sample(1)).modulate({ saturation: 0.4 }).jpeg().toBuffer())
    await page.goto(`${console.server.url}/duplicates`)
    await button('Look for duplicates').click(PATIENCE)
    await button('Keep Twin').waitFor(PATIENCE)
    await button('Later').click()
    await button('Put off').waitFor(PATIENCE)
    await page.reload()
    await button('Put off').waitFor(PATIENCE)
    await button('Keep Twin').click()
    const asked = page.getByRole('dialog')
    await asked.getByText(/Eileen Collins is there no more afterwards.*the metadata/).waitFor(PATIENCE)
    expect(await findBarriers(page)).toEqual([])
    await asked.getByRole('button', { name: 'Cancel' }).click()
    expect((await calls.ask('GET', `/persons/${eileen}`)).status).toBe(200)
    await button('Two people').click()
    await said('Nobody is enrolled twice')
    await button('Look again').click()
    await said('Nobody is enrolled twice')
    expect((await calls.ask('GET', `/persons/${twin}`)).status).toBe(200)
    await calls.ask('DELETE', `/persons/${twin}`)
  })

  it('pause an import and let it go on, try its failed rows again, and take its report', async () => {
    const { id } = (await calls.ask('POST', '/imports', { name: 'Links' })).json
    const row = { key: 'a', person: { externalId: 'a' }, imageUrl: 'http://127.0.0.1:9/a.jpg' }
    const headers = { 'content-type': 'application/x-ndjson' }
    const path = `/api/imports/${id}/rows`
    await calls.send({ method: 'POST', path, headers, body: JSON.stringify(row) })
    await page.goto(`${console.server.url}/imports/${id}`)
    await button('Pause').click(PATIENCE)
    await page.locator('.chip', { hasText: 'Paused' }).waitFor(PATIENCE)
    expect((await calls.ask('GET', `/imports/${id}`)).json.state).toBe('paused')
    await button('Go on').click()
    await button('Nothing more will come').click(PATIENCE)
    await page.locator('.chip', { hasText: 'Done' }).waitFor(PATIENCE)
    await page.locator('.legend').getByText('link refused').waitFor(PATIENCE)
    expect(await findBarriers(page)).toEqual([])
    const retried = page.waitForResponse((response) => response.url().endsWith('/retry'))
    await button('Try failed rows again').click()
    expect((await (await retried).json()).id).toBe(id)
    // What the page shows may still be of before, so the server is asked.
    const rows = async () => {
      const { state, rows } = (await calls.ask('GET', `/imports/${id}`)).json
      return { state, byOutcome: rows.byOutcome }
    }
    await expect.poll(rows, PATIENCE).toMatchObject({ state: 'done', byOutcome: { 'link-refused': 1 } })
    const [download] = await Promise.all([
      page.waitForEvent('download', PATIENCE),
      page.getByRole('link', { name: 'Report (CSV)' }).click(),
    ])
    expect(readFileSync(await download.path(), 'utf8')).toMatch(/^.*key.*\n.*a,.*link-refused/)
  })

  it('import the photos of a folder that has files of no bytes, and one that is far too large', async () => {
    const photos = join(folder, 'mixed')
    mkdirSync(join(photos, 'Sally Ride'), { recursive: true })
    writeFileSync(join(photos, 'Sally Ride', 'empty.jpg'), '')
    writeFileSync(join(photos, 'Sally Ride', 'film.mp4'), Buffer.alloc(LARGE))
    writeFileSync(join(photos, 'Sally Ride', 'photo.jpg'), readFileSync(sample(2)))
    await page.goto(`${console.server.url}/imports`)
    await page.locator('input[webkitdirectory]').setInputFiles(photos)
    await button('Import').click()
    await page.getByText('3 of 3 photos').waitFor(PATIENCE)
    await page.locator('.failed-row', { hasText: 'film.mp4' }).waitFor(PATIENCE)
    await page.locator('.failed-row', { hasText: 'empty.jpg' }).waitFor(PATIENCE)
    await page.locator('.legend', { hasText: '1 enrolled' }).waitFor(PATIENCE)
  })

  it('import the photos of a zip archive', async () => {
    const buffer = await makeZip([{ path: 'Valentina Tereshkova/photo.jpg', bytes: readFileSync(sample(2)) }])
    await page.goto(`${console.server.url}/imports`)
    const archive = { name: 'people.zip', mimeType: 'application/zip', buffer }
    await page.getByLabel('Choose an archive').setInputFiles(archive)
    await page.getByRole('dialog').getByText('people.zip').waitFor(PATIENCE)
    await page.getByRole('dialog').getByRole('button', { name: 'Import' }).click()
    await page.locator('.legend', { hasText: '1 enrolled' }).waitFor(PATIENCE)
    const { items } = (await calls.ask('GET', '/persons?namePrefix=Valentina')).json
    expect(items).toMatchObject([{ name: 'Valentina Tereshkova' }])
    expect(await calls.imageIds(items[0].id)).toHaveLength(1)
  })

  it('ask whoever leaves the page while it sends photos, and end what was sent afterwards', async () => {
    const photos = join(folder, 'left')
    mkdirSync(photos)
    // More than go at once.
    for (let number = 0; number < 30; number++) writeFileSync(join(photos, `${number}.jpg`), `${number}`)
    page.removeAllListeners('dialog')
    let mayLeave = false
    page.on('dialog', (dialog) => void (mayLeave ? dialog.accept() : dialog.dismiss()))
    await page.goto(`${console.server.url}/imports`)
    const second = Promise.withResolvers<void>()
    let asked = 0
    await page.route('**/rows', async (route) => {
      asked++
      if (asked > 1) await second.promise
      return route.continue().catch(() => {})
    })
    await page.locator('input[webkitdirectory]').setInputFiles(photos)
    await page.getByLabel('Name of the import').fill('Left')
    await page.keyboard.press('Enter')
    await said('20 of 30 files are sent.')
    const asksFirst = page.waitForEvent('dialog', PATIENCE)
    await page.evaluate('setTimeout(() => location.reload(), 0)')
    expect((await asksFirst).type()).toBe('beforeunload')
    await said('20 of 30 files are sent.')
    mayLeave = true
    await page.reload(PATIENCE)
    second.resolve()
    await page.getByRole('link', { name: /^Left.*Open/ }).click(PATIENCE)
    await button('Nothing more will come').click(PATIENCE)
    await page.locator('.chip', { hasText: 'Done' }).waitFor(PATIENCE)
    await said('20 of 20 photos')
    console.troubles.length = 0
  })

  it('say that an added picture shows several faces, or was compared with no other, and take it back', async () => {
    const buffer = await sideBySide(sample(1), sample(2))
    await page.goto(`${console.server.url}/people/${eileen}`)
    await page.locator('.image-tile').first().waitFor(PATIENCE)
    const before = await calls.imageIds(eileen)
    const input = page.locator('.images input[type=file]')
    await input.setInputFiles({ name: 'both.jpg', mimeType: 'image/jpeg', buffer })
    const doubts = page.getByRole('list', { name: 'Added, but look once more' })
    await doubts.getByText('2 faces were in it, and the most central one was taken.').waitFor(PATIENCE)
    expect(await doubts.innerText()).toContain('both.jpg')
    expect(await doubts.innerText()).not.toMatch(/far|compared/)
    expect(await findBarriers(page)).toEqual([])
    // It is still to be seen for whoever looks elsewhere first.
    await goTo('People')
    await page.goBack()
    await button('Take it back').click(PATIENCE)
    await said('both.jpg was taken back.')
    await doubts.waitFor({ state: 'detached' })
    expect(await calls.imageIds(eileen)).toEqual(before)

    await page.route('**/api/search', (route) => route.fulfill({ json: { code: 0, persons: [] } }))
    await input.setInputFiles(sample(2))
    await doubts.getByText('could not be compared with the others').waitFor(PATIENCE)
    await page.unroute('**/api/search')
    await button('It is right').click()
    await doubts.waitFor({ state: 'detached' })
    expect(await calls.imageIds(eileen)).toHaveLength(before.length + 1)
  })

  it('put the focus on the title of the view that a deletion leads to', async () => {
    await page.goto(`${console.server.url}/people/${await calls.createPerson({ name: 'Passing' })}`)
    await button('Delete').click(PATIENCE)
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.locator('h1:focus', { hasText: 'People' }).waitFor(PATIENCE)
  })

  it('move nothing for whoever wants no motion', async () => {
    const running = () => page.evaluate('document.getAnimations().length')
    const held = Promise.withResolvers<void>()
    await page.route('**/api/persons?**', async (route) => {
      await held.promise
      return route.continue().catch(() => {})
    })
    await page.goto(`${console.server.url}/people`)
    await page.locator('.skeleton').waitFor(PATIENCE)
    expect(await running()).toBeGreaterThan(0)
    await page.emulateMedia({ reducedMotion: 'reduce' })
    await expect.poll(running).toBe(0)
    held.resolve()
  })
})
