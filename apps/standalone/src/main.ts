import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { ConfigError, describeConfig, readConfig, warningLine } from '@semblance/config'
import { AppError } from '@semblance/core'
import type { PackProgress } from '@semblance/engine'
import { createLogger } from '@semblance/telemetry'
import { type StandaloneConfig, standaloneConfigSchema } from './config.ts'
import { isLoopback, openStandalone, type Standalone } from './standalone.ts'

/** The terminal and npm both pass Ctrl-C on: what comes within this time is the same keypress. */
const SAME_KEYPRESS_MS = 1_000

/** For people, beside the log on standard output. */
const say = (line: string) => process.stderr.write(`${line}\n`)

async function main(): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const config = readConfig(standaloneConfigSchema, process.env, {
    warn: (warning) => say(warningLine(warning)),
  })
  const logger = createLogger({ level: config.SEMBLANCE_LOG_LEVEL })
  logger.debug(describeConfig(standaloneConfigSchema, config), 'configuration')
  const stop = untilToldToStop()
  const server = await openStandalone({ config, logger, onPackProgress: sayProgress })
  greet(server, config)
  await stop
  say('Stopping ...')
  await server.close()
  say('Stopped.')
}

function sayProgress({ done, total, file, action }: PackProgress): void {
  if (action === 'compile') say(`Compiling the model pack (once): ${file} (${done + 1} of ${total})`)
}

function greet(server: Standalone, config: StandaloneConfig): void {
  const { url } = server
  const faces = server.enrolled === 1 ? '1 face' : `${server.enrolled} faces`
  say(`
Semblance identifies faces at ${url}
  docs    ${url}/docs   (every call, to be tried in the browser)
  data    ${resolve(server.dataFolder)}   (${faces} enrolled)
  models  ${server.pack} on ${config.SEMBLANCE_THREADS} of ${availableParallelism()} CPUs

Enroll the first person, and add a photo:
  curl ${url}/api/persons -H 'content-type: application/json' -d '{"name": "Ada"}'
  printf '{"image":{"content":"%s"}}' "$(base64 < ada.jpg | tr -d '\\n')" |
    curl ${url}/api/persons/PERSON_ID/images -H 'content-type: application/json' -d @-

Ctrl-C stops it.`)
  if (!isLoopback(config.SEMBLANCE_HOST) && config.SEMBLANCE_API_KEYS === undefined) {
    say('WARNING: reachable from other machines and open to everyone: set SEMBLANCE_API_KEYS.')
  }
}

/** Resolves at the first signal; a second one, later than the same keypress, ends the process at once. */
function untilToldToStop(): Promise<void> {
  return new Promise((resolve) => {
    let first: number | null = null
    const onSignal = () => {
      if (first !== null && performance.now() - first > SAME_KEYPRESS_MS) process.exit(130)
      first ??= performance.now()
      resolve()
    }
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, onSignal)
  })
}

try {
  await main()
} catch (error) {
  say(`semblance: ${explain(error)}`)
  process.exitCode = 1
}

/** What a person can act on is said in one line; anything else is a mistake of ours and keeps its stack. */
function explain(error: unknown): string {
  if (error instanceof AppError || error instanceof ConfigError) return error.message
  const { code, message, stack } = error as NodeJS.ErrnoException
  if (code === 'EADDRINUSE') return `${message}; set SEMBLANCE_PORT to another port`
  return code === undefined ? (stack ?? String(error)) : message
}
