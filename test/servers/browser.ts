import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
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
export async function findBrowser(): Promise<string | null> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const onPath = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)))
  const wanted = process.env.TEST_CHROMIUM
  for (const file of wanted === undefined ? onPath : [wanted]) {
    const isThere = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (isThere) return file
  }
  console.warn(`skipped: no browser (${wanted ?? `${NAMES.join(', ')} on PATH`})`)
  return null
}

export function openBrowser(file: string): Promise<Browser> {
  return chromium.launch({ executablePath: file, args: ARGUMENTS })
}
