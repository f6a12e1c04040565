import type { Browser, Locator, Page } from 'playwright-core'
import sharp from 'sharp'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { findBarriers } from '../console/console-under-test.ts'
import { findBrowser, openBrowser } from '../servers/browser.ts'
import { type StandaloneServer, startStandaloneServer } from '../servers/standalone-server.ts'
import { callsTo } from './calls.ts'

const file = findBrowser()
const WIDE = { width: 1280, height: 900 }
const PHONE = { width: 390, height: 844 }

describe.skipIf(file === null)('/docs in a browser', () => {
  let server: StandaloneServer
  let browser: Browser
  let page: Page
  /** What the page asked others than this server for, and what it complained about. */
  let troubles: string[]

  const open = async (): Promise<Page> => {
    const fresh = await browser.newPage({ viewport: WIDE })
    await fresh.route('**/*', (route) => {
      const url = route.request().url()
      if (url.startsWith(server.url) || url.startsWith('data:')) return route.continue()
      troubles.push(`asked for ${url}`)
      return route.abort()
    })
    fresh.on('console', (message) => {
      if (message.type() === 'error') troubles.push(message.text())
    })
    fresh.on('pageerror', (error) => troubles.push(error.message))
    return fresh
  }

  const load = async () => {
    await page.goto(`${server.url}/docs`)
    await page.locator('.opblock').first().waitFor()
  }

  /** The block of an operation, unfolded if it is not yet. */
  const unfold = async (operationId: string): Promise<Locator> => {
    const block = page.locator(`.opblock[id$="-${operationId}"]`)
    const execute = block.locator('button.execute')
    if (!(await execute.isVisible())) await block.locator('.opblock-summary-control').click()
    await execute.waitFor()
    return block
  }

  const choose = (block: Locator, contentType: string) =>
    block.locator('select.content-type').first().selectOption(contentType)

  /** Presses Execute, and waits until the page shows that answer; one that is there from before is cleared away. */
  const expectAnswer = async (block: Locator, status: number, text: string) => {
    const clear = block.locator('button.btn-clear')
    if (await clear.isVisible()) await clear.click()
    await block.locator('button.execute').click()
    const answer = block.locator('.live-responses-table .response')
    const shown = async () => [
      Number(await answer.locator('.response-col_status').innerText()),
      await answer.locator('pre.microlight').first().innerText(),
    ]
    await expect.poll(shown, { timeout: 20_000 }).toEqual([status, expect.stringContaining(text)])
  }

  let wall: Buffer

  beforeAll(async () => {
    const background = { width: 300, height: 300, channels: 3, background: '#a08060' } as const
    wall = await sharp({ create: background }).jpeg().toBuffer()
    server = await startStandaloneServer()
    browser = await openBrowser(file!)
    troubles = []
    // One for all tests: to draw the page takes many times as long as what a test does with it.
    page = await open()
    await load()
  })
  afterAll(async () => {
    await browser?.close()
    await server?.stop()
  })
  afterEach(async () => {
    const open = page.locator('.opblock.is-open .opblock-summary-control')
    while ((await open.count()) > 0) await open.first().click()
    expect(troubles.splice(0)).toEqual([])
  })

  it('lists every operation, with nothing from elsewhere', async () => {
    const { json } = await callsTo(server).send({ method: 'GET', path: '/openapi.json' })
    const operations = Object.values(json.paths).flatMap((path) => Object.keys(path as object))
    expect(await page.locator('.opblock').count()).toBe(operations.length)
  })

  it('sends a request as it stands there, changed, and once more', async () => {
    const block = await unfold('create_person')
    await expectAnswer(block, 201, '"name": "Ada Lovelace"')
    for (const name of ['Grace', 'Mary']) {
      await block.locator('textarea').fill(JSON.stringify({ name }))
      await expectAnswer(block, 201, `"name": "${name}"`)
    }
    await expectAnswer(await unfold('list_persons'), 200, '"name": "Mary"')
  })

  /** A call that takes pictures shows a form, whose first field takes the file. */
  const attach = async (block: Locator, field: string, position = 0) => {
    const fields = block.locator('[data-property-name]')
    expect(await fields.first().getAttribute('data-property-name')).toBe(field)
    const input = fields.first().locator('input[type=file]').nth(position)
    await input.setInputFiles({ name: 'wall.jpg', mimeType: 'image/jpeg', buffer: wall })
  }

  it('sends a picture from the disk with search and detect, and nothing else need be filled in', async () => {
    for (const name of ['search', 'detect']) {
      const block = await unfold(name)
      await choose(block, 'multipart/form-data')
      await attach(block, 'image')
      await expectAnswer(block, 200, '"code": 2')
    }
  }, 60_000)

  it('takes a picture from the disk for enrolling', async () => {
    await attach(await unfold('add_image_to_person'), 'image')
  })

  it('sends two pictures from the disk with match and matchAndSearch', async () => {
    for (const name of ['match', 'matchAndSearch']) {
      const block = await unfold(name)
      for (const position of [0, 1]) {
        await block.locator('[data-property-name=images] .json-schema-form-item-add').click()
        await attach(block, 'images', position)
      }
      await expectAnswer(block, 200, '"imageIndex": 1')
    }
  }, 60_000)

  it('sends the JSON that stands there', async () => {
    for (const name of ['search', 'detect', 'match', 'matchAndSearch']) {
      const block = await unfold(name)
      await choose(block, 'application/json')
      await expectAnswer(block, 200, '"code": 2')
    }
  }, 60_000)

  it('offers in a form neither what old clients send nor what has no effect', async () => {
    const block = await unfold('search')
    await choose(block, 'multipart/form-data')
    const names = await block
      .locator('[data-property-name]')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-property-name')))
    expect(names.slice(0, 4)).toEqual(['image', 'groupIds', 'threshold', 'limit'])
    for (const name of ['tag', 'tenant', 'env', 'group_ids', 'max_distance'])
      expect(names).not.toContain(name)
  })

  it('answers calls that read at the first click, and fills in no id where a call writes', async () => {
    const calls = callsTo(server)
    const id = await calls.createPerson({ name: 'Katherine Johnson' })
    await load()
    const filledIn = async (operationId: string) =>
      (await unfold(operationId)).locator('tr[data-param-name=personId] input').inputValue()
    expect(await filledIn('get_person')).toBe(id)
    await expectAnswer(page.locator('.opblock[id$="-get_person"]'), 200, '"name": "Katherine Johnson"')
    for (const write of ['delete_person', 'update_person']) expect(await filledIn(write)).not.toBe(id)
  })

  it('names what old clients send in a sentence, and headers that all calls take once', async () => {
    const block = await unfold('search')
    await choose(block, 'application/json')
    await block.getByRole('tab', { name: 'Schema' }).first().click()
    await block.getByText('Taken from old clients, too: group_ids, max_distance, tag').first().waitFor()
    expect(await block.locator('[data-param-name="Idempotency-Key"]').count()).toBe(0)
    expect(await page.locator('.info').getByText('Idempotency-Key').count()).toBe(1)
  })

  it.each(['light', 'dark'] as const)('leads to the console, and has no serious barrier, %s', {
    timeout: 60_000,
  }, async (theme) => {
    // axe looks through what the tests before have left, too.
    await load()
    // A colour that is on its way from one to another has another contrast.
    await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' })
    expect(await page.getByRole('link', { name: 'Console' }).getAttribute('href')).toBe('/')
    await unfold('list_persons')
    const search = await unfold('search')
    await choose(search, 'application/json')
    await expectAnswer(search, 200, '"code": 2')
    expect(await findBarriers(page)).toEqual([])
    await search.getByRole('tab', { name: 'Schema' }).first().click()
    await search.getByText('Taken from old clients').first().waitFor()
    expect(await findBarriers(page)).toEqual([])
  })

  it('fits a phone', async () => {
    await page.setViewportSize(PHONE)
    const width = await page.evaluate('document.documentElement.scrollWidth')
    expect(width).toBeLessThanOrEqual(PHONE.width)
  })
})
