import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { apiKeysOf, consoleFolderOf, isConsoleBuilt } from '@semblance/api'
import { amount } from '@semblance/core'
import type { StandaloneConfig } from './config.ts'
import type { Standalone } from './standalone.ts'

const EVERY_ADDRESS = new Set(['0.0.0.0', '::'])

/** Tells whoever started the server, on standard error, where it is and what to do first. */
export function greetingOf(server: Standalone, config: StandaloneConfig): string {
  const { url, enrolled } = server
  const everywhere = EVERY_ADDRESS.has(config.SEMBLANCE_HOST)
    ? `, and at every other address of this machine (${config.SEMBLANCE_HOST})`
    : ''
  return `
Semblance identifies faces at ${url}${everywhere}
${hasConsole(config) ? `  console ${url}   (open it in a browser: search by a photo, people, imports)\n` : ''}  docs    ${url}/docs   (every call, to be tried in the browser)
  data    ${resolve(server.dataFolder)}   (${amount(enrolled, 'face')} enrolled)
  models  ${server.pack} on ${config.SEMBLANCE_THREADS} of ${availableParallelism()} CPUs
${enrolled === 0 ? firstSteps(url, apiKeysOf(config).length > 0) : ''}
Ctrl-C stops it.`
}

function hasConsole(config: StandaloneConfig): boolean {
  const folder = consoleFolderOf(config)
  return folder !== null && isConsoleBuilt(folder)
}

function firstSteps(url: string, needsKey: boolean): string {
  const key = needsKey ? ` -H 'X-API-Key: YOUR_KEY'` : ''
  return `
Enroll the first person, and add a photo:
  curl ${url}/api/persons${key} -H 'content-type: application/json' -d '{"name": "Ada"}'
  curl ${url}/api/persons/PERSON_ID/images${key} -F image=@ada.jpg
`
}
