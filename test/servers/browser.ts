import { findOnPath, isProgram } from '@semblance/testkit'
import { type Browser, chromium } from 'playwright-core'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome']
/** No sandbox, since tests may run as root; the rest keeps the browser from calling home. */
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

/** Of a browser on PATH, or `TEST_CHROMIUM`; null, with the reason printed, if there is none. */
export function findBrowser(): string | null {
  const wanted = process.env.TEST_CHROMIUM
  const file = wanted === undefined ? onPath() : isProgram(wanted) ? wanted : null
  if (file === null) console.warn(`skipped: no browser (${wanted ?? `${NAMES.join(', ')} on PATH`})`)
  return file
}

function onPath(): string | null {
  return NAMES.map(findOnPath).find((file) => file !== null) ?? null
}

export function openBrowser(file: string, more: readonly string[] = []): Promise<Browser> {
  return chromium.launch({ executablePath: file, args: [...ARGUMENTS, ...more] })
}
