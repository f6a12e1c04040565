import { isLoopback } from '@semblance/api'
import { readConfig, shownConfig, warningLine } from '@semblance/config'
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
import { greetingOf } from './greeting.ts'
import { openStandalone, type Standalone } from './standalone.ts'

async function main(trust: ProcessTrust): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const config = readConfig(standaloneConfigSchema, process.env, {
    warn: (warning) => say(warningLine(warning)),
  })
  const logger = createLogger({ level: config.SEMBLANCE_LOG_LEVEL })
  trust.logTo(logger)
  logger.debug(shownConfig(standaloneConfigSchema, config), 'configuration')
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
  say(greetingOf(server, config))
  if (!isLoopback(config.SEMBLANCE_HOST) && config.SEMBLANCE_API_KEYS === undefined) {
    say('WARNING: reachable from other machines and open to everyone: set SEMBLANCE_API_KEYS.')
  }
}

await runProcess(main, (fault) => currentScope()?.fail(fault) === true)
