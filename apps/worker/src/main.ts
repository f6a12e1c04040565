import { clusterVariables } from '@semblance/config'
import { currentScope } from '@semblance/core'
import type { PackProgress } from '@semblance/engine'
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
import { workerConfigSchema } from './config.ts'
import { openWorker } from './worker.ts'

async function main(trust: ProcessTrust): Promise<void> {
  const { config, logger } = beginProgram({
    schema: workerConfigSchema,
    // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
    env: process.env,
    trust,
    app: 'worker',
    readElsewhere: clusterVariables,
  })
  requireOpenFiles(config.SEMBLANCE_THREADS)
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const tracing = await openTracing({ env: process.env, app: 'worker', logger })
  const stop = untilToldToStop()
  const worker = await openWorker({ config, logger, trust, tracing, onPackProgress: sayProgress })
  const lanes = config.SEMBLANCE_WORKER_LANES.join(', ')
  say(`Semblance worker: lanes ${lanes}, metrics and probes at ${worker.opsUrl}`)
  await runUntil(stop, worker)
  await tracing?.close()
}

function sayProgress({ done, total, file, action }: PackProgress): void {
  if (action === 'fetch') say(`Fetching what ${file} is made from (once)`)
  if (action === 'compile') say(`Compiling the model pack (once): ${file} (${done + 1} of ${total})`)
}

await runProcess(main, (fault) => currentScope()?.fail(fault) === true)
