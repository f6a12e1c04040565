import { exposureWarning } from '@semblance/api'
import { clusterVariables } from '@semblance/config'
import { currentScope } from '@semblance/core'
import {
  beginProgram,
  openTracing,
  type ProcessTrust,
  requireOpenFiles,
  runProcess,
  runUntil,
  say,
  untilToldToStop,
} from '@semblance/telemetry'
import { gatewayConfigSchema } from './config.ts'
import { openGateway } from './gateway.ts'

async function main(trust: ProcessTrust): Promise<void> {
  const { config, logger } = beginProgram({
    schema: gatewayConfigSchema,
    // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
    env: process.env,
    trust,
    app: 'gateway',
    readElsewhere: clusterVariables,
  })
  requireOpenFiles(0)
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const tracing = await openTracing({ env: process.env, app: 'gateway', logger })
  const stop = untilToldToStop()
  const gateway = await openGateway({ config, logger, trust, tracing })
  say(
    `Semblance gateway at ${gateway.url}, docs at ${gateway.url}/docs, metrics and probes at ${gateway.opsUrl}`,
  )
  const warning = exposureWarning(config)
  if (warning !== null) say(warning)
  await runUntil(stop, gateway)
  await tracing?.close()
}

await runProcess(main, (fault) => currentScope()?.fail(fault) === true)
