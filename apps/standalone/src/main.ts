import { exposureWarning } from '@semblance/api'
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
import { standaloneConfigSchema } from './config.ts'
import { greetingOf } from './greeting.ts'
import { openStandalone } from './standalone.ts'

async function main(trust: ProcessTrust): Promise<void> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const { config, logger } = beginProgram({ schema: standaloneConfigSchema, env: process.env, trust })
  requireOpenFiles(config.SEMBLANCE_THREADS)
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const tracing = await openTracing({ env: process.env, app: 'standalone', logger })
  const stop = untilToldToStop()
  const server = await openStandalone({ config, logger, trust, tracing, onPackProgress: sayProgress })
  say(greetingOf(server, config))
  for (const note of server.notes) say(note)
  const warning = exposureWarning(config)
  if (warning !== null) say(warning)
  await runUntil(stop, server)
  await tracing?.close()
}

function sayProgress({ done, total, file, action }: PackProgress): void {
  if (action === 'fetch') say(`Fetching what ${file} is made from (once)`)
  if (action === 'compile') say(`Compiling the model pack (once): ${file} (${done + 1} of ${total})`)
}

await runProcess(main, (fault) => currentScope()?.fail(fault) === true)
