import type { Browser, Page } from 'playwright-core'
import { buildConsole } from '../console/built-console.ts'
import { findBrowser, openBrowser } from '../servers/browser.ts'
import type { BenchRecord } from './exact-index.ts'
import { median, medianRatio, timeMs } from './measure.ts'
import { measureLists } from './people-lists.ts'
import { startStubbedConsole } from './stubbed-console.ts'

const TURNS = 7
/** A frame that takes longer is seen as a halt. */
const SLOW_FRAME_MS = 50
const FRAMES = 600
/** In each frame: about as fast as a wheel turns. */
const STEP_PX = 60
const PATIENCE = { timeout: 120_000 }

/** The page in Chromium over a gallery that is made up, against a page without any script, turn by turn. */
export async function benchConsole({
  people,
}: {
  readonly people: number
}): Promise<readonly BenchRecord[] | { readonly skipped: string }> {
  const file = findBrowser()
  if (file === null) return { skipped: 'no browser' }
  const stub = await startStubbedConsole(buildConsole(), people)
  const browser = await openBrowser(file)
  try {
    return [
      ...(await measureViews(browser, stub.url)),
      ...(await measureScrolling(browser, stub.url, people)),
      ...(await measureLists(people)),
    ]
  } finally {
    await browser.close()
    await stub.close()
  }
}

async function measureViews(browser: Browser, url: string): Promise<readonly BenchRecord[]> {
  const first: number[] = []
  const firstStatic: number[] = []
  const next: number[] = []
  const nextStatic: number[] = []
  for (let turn = 0; turn < TURNS; turn++) {
    await inFreshPage(browser, async (page) => {
      first.push(
        await timeMs(async () => {
          await page.goto(`${url}/people`, { waitUntil: 'commit' })
          await page.locator('.tile .picture:not(.waiting)').first().waitFor(PATIENCE)
        }),
      )
      next.push(
        await timeMs(async () => {
          await page.getByRole('link', { name: 'Groups' }).click()
          await page.getByRole('heading', { name: 'Groups', level: 1 }).waitFor(PATIENCE)
        }),
      )
    })
    await inFreshPage(browser, async (page) => {
      firstStatic.push(await timeMs(() => page.goto(`${url}/static`, { waitUntil: 'load' })))
      nextStatic.push(
        await timeMs(async () => {
          await page.getByRole('link', { name: 'Other' }).click()
          await page.getByRole('heading', { name: '/static-other' }).waitFor(PATIENCE)
        }),
      )
    })
  }
  return [
    { name: 'console_first_view', value: median(first), unit: 'ms', goal: null, better: 'less' },
    ratio('console_first_view_by_static', medianRatio(first, firstStatic)),
    { name: 'console_next_view', value: median(next), unit: 'ms', goal: null, better: 'less' },
    ratio('console_next_view_by_static', medianRatio(next, nextStatic)),
  ]
}

function ratio(name: string, value: number): BenchRecord {
  return { name, value, unit: 'times', goal: null, better: 'less' }
}

/** The scroll bar is drawn to the end; then the list is scrolled for ten seconds of frames, through its middle. */
async function measureScrolling(
  browser: Browser,
  url: string,
  people: number,
): Promise<readonly BenchRecord[]> {
  return inFreshPage(browser, async (page) => {
    const heap = await heapOf(page)
    await page.goto(`${url}/people`)
    await page.locator('.tile').first().waitFor(PATIENCE)
    const before = await heap()
    const toTheEnd = await timeMs(async () => {
      await page.evaluate<void>(TO_THE_END)
      await page.locator('.tile', { hasText: `Person ${people - 1}` }).waitFor(PATIENCE)
    })
    const tiles = await page.locator('.tile').count()
    let asked = 0
    page.on('request', (request) => {
      if (request.url().includes('/api/persons?')) asked++
    })
    const work = await workOf(page)
    const { times, blank } = await page.evaluate<Scrolled>(SCROLL)
    const workMs = (1000 * (await work())) / times.length
    const slow = times.filter((ms) => ms > SLOW_FRAME_MS).length
    const seconds = times.reduce((sum, ms) => sum + ms, 0) / 1000
    const megabytes = ((await heap()) - before) / 1e6
    return [
      { name: 'console_jump_to_end', value: toTheEnd, unit: 'ms', goal: null, better: 'less' },
      {
        name: 'console_scroll_lists',
        value: asked / seconds,
        unit: 'a second',
        goal: null,
        better: 'less',
      },
      { name: 'console_scroll_blank', value: blank, unit: `of ${times.length}`, goal: null, better: 'less' },
      { name: 'console_scroll_people', value: people, unit: 'people', goal: null, better: 'more' },
      { name: 'console_scroll_work', value: workMs, unit: 'ms a frame', goal: 16, better: 'less' },
      { name: 'console_scroll_frame', value: median(times), unit: 'ms', goal: null, better: 'less' },
      {
        name: 'console_scroll_slow_frames',
        value: slow,
        unit: `of ${times.length}`,
        goal: 0,
        better: 'less',
      },
      { name: 'console_scroll_tiles', value: tiles, unit: 'elements', goal: null, better: 'less' },
      { name: 'console_scroll_heap', value: megabytes, unit: 'MB', goal: null, better: 'less' },
    ]
  })
}

const TO_THE_END = 'window.scrollTo(0, document.documentElement.scrollHeight)'

interface Scrolled {
  /** Of each frame, in milliseconds. */
  readonly times: readonly number[]
  /** Frames in which somebody in sight was still to come. */
  readonly blank: number
}

const SCROLL = `new Promise((resolve) => {
  const times = []
  let blank = 0
  const isToCome = (tile) => {
    const { top, bottom } = tile.getBoundingClientRect()
    return bottom > 0 && top < window.innerHeight
  }
  window.scrollTo(0, document.documentElement.scrollHeight / 2)
  let last = null
  const frame = (now) => {
    if (last !== null) times.push(now - last)
    last = now
    if ([...document.querySelectorAll('.to-come')].some(isToCome)) blank++
    if (times.length === ${FRAMES}) return resolve({ times, blank })
    window.scrollBy(0, ${STEP_PX})
    requestAnimationFrame(frame)
  }
  setTimeout(() => requestAnimationFrame(frame), 1000)
})`

/** Seconds that the page's own thread has worked, whatever else the machine does meanwhile. */
async function workOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  await session.send('Performance.enable', { timeDomain: 'threadTicks' })
  const read = async () => {
    const { metrics } = await session.send('Performance.getMetrics')
    return metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0
  }
  const before = await read()
  return async () => (await read()) - before
}

async function heapOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page)
  return async () => {
    await session.send('HeapProfiler.collectGarbage')
    const { usedSize } = await session.send('Runtime.getHeapUsage')
    return usedSize
  }
}

async function inFreshPage<T>(browser: Browser, work: (page: Page) => Promise<T>): Promise<T> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en' })
  try {
    return await work(await context.newPage())
  } finally {
    await context.close()
  }
}
