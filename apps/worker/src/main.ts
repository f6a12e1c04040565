import { clusterVariables, readConfig, shownConfig, warningLine } from '@semblance/config'
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
import { workerConfigSchema } from './config.ts'
import { openWorker } from './worker.ts'

async function main(trust: ProcessTrust): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const config = readConfig(workerConfigSchema, process.env, {
    readElsewhere: clusterVariables,
    warn: (warning) => say(warningLine(warning)),
  })
  const logger = createLogger({ level: config.SEMBLANCE_LOG_LEVEL, base: { app: 'worker' } })
  trust.logTo(logger)
  logger.debug(shownConfig(workerConfigSchema, config), 'configuration')
  requireOpenFiles(config.SEMBLANCE_THREADS)
  const stop = untilToldToStop()
  const worker = await openWorker({ config, logger, trust, onPackProgress: sayProgress })
  const lanes = config.SEMBLANCE_WORKER_LANES.join(', ')
  say(`Semblance worker: ${worker.pack}, lanes ${lanes}, metrics and probes at ${worker.opsUrl}`)
  try {
    // A fault that no waiting mends, such as a gallery of another pack, ends the process.
    await Promise.race([stop, worker.opened.then(() => stop)])
    say('Stopping ...')
  } finally {
    await worker.close()
  }
  say('Stopped.')
}

function sayProgress({ done, total, file, action }: PackProgress): void {
  if (action === 'compile') say(`Compiling the model pack (once): ${file} (${done + 1} of ${total})`)
}

await runProcess(main, (fault) => currentScope()?.fail(fault) === true)
