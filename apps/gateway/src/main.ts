import { isLoopback } from '@semblance/api'
import { clusterVariables, readConfig, shownConfig, warningLine } from '@semblance/config'
import { currentScope } from '@semblance/core'
import {
  createLogger,
  type ProcessTrust,
  requireOpenFiles,
  runProcess,
  say,
  untilToldToStop,
} from '@semblance/telemetry'
import { gatewayConfigSchema } from './config.ts'
import { openGateway } from './gateway.ts'

async function main(trust: ProcessTrust): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const config = readConfig(gatewayConfigSchema, process.env, {
    readElsewhere: clusterVariables,
    warn: (warning) => say(warningLine(warning)),
  })
  const logger = createLogger({ level: config.SEMBLANCE_LOG_LEVEL, base: { app: 'gateway' } })
  trust.logTo(logger)
  logger.debug(shownConfig(gatewayConfigSchema, config), 'configuration')
  requireOpenFiles(0)
  const stop = untilToldToStop()
  const gateway = await openGateway({ config, logger, trust })
  say(
    `Semblance gateway at ${gateway.url}, docs at ${gateway.url}/docs, metrics and probes at ${gateway.opsUrl}`,
  )
  if (!isLoopback(config.SEMBLANCE_HOST) && config.SEMBLANCE_API_KEYS === undefined) {
    say('WARNING: reachable from other machines and open to everyone: set SEMBLANCE_API_KEYS.')
  }
  try {
    // A fault that no waiting mends, such as a gallery of another pack, ends the process.
    await Promise.race([stop, gateway.opened.then(() => stop)])
    say('Stopping ...')
  } finally {
    await gateway.close()
  }
  say('Stopped.')
}

await runProcess(main, (fault) => currentScope()?.fail(fault) === true)
