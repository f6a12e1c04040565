import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { isLoopback } from '@semblance/api'
import { describeConfig, readConfig, warningLine } from '@semblance/config'
import { currentScope } from '@semblance/core'
import type { PackProgress } from '@semblance/engine'
import {
  createLogger,
  type ProcessTrust,
  requireOpenFiles,
  runProcess,
  say,
  untilToldToStop,
} from '@semblance/telemetry'
import { type StandaloneConfig, standaloneConfigSchema } from './config.ts'
import { openStandalone, type Standalone } from './standalone.ts'

async function main(trust: ProcessTrust): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const config = readConfig(standaloneConfigSchema, process.env, {
    warn: (warning) => say(warningLine(warning)),
  })
  const logger = createLogger({ level: config.SEMBLANCE_LOG_LEVEL })
  trust.logTo(logger)
  logger.debug(describeConfig(standaloneConfigSchema, config), 'configuration')
  requireOpenFiles(config.SEMBLANCE_THREADS)
  const stop = untilToldToStop()
  const server = await openStandalone({ config, logger, trust, onPackProgress: sayProgress })
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
  curl ${url}/api/persons/PERSON_ID/images -F image=@ada.jpg

Ctrl-C stops it.`)
  if (!isLoopback(config.SEMBLANCE_HOST) && config.SEMBLANCE_API_KEYS === undefined) {
    say('WARNING: reachable from other machines and open to everyone: set SEMBLANCE_API_KEYS.')
  }
}

await runProcess(main, (fault) => currentScope()?.fail(fault) === true)
