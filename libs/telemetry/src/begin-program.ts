import { type Environment, readConfig, shownConfig, warningLine } from '@semblance/config'
import type { Logger } from 'pino'
import type { z } from 'zod'
import { createLogger } from './create-logger.ts'
import type { ProcessTrust } from './process-trust.ts'
import { say } from './say.ts'

type ProgramSchema = z.ZodObject<{ readonly SEMBLANCE_LOG_LEVEL: z.ZodType<string> } & z.ZodRawShape>

export interface ProgramStart<S extends ProgramSchema> {
  readonly schema: S
  readonly env: Environment
  readonly trust: ProcessTrust
  /** Stands in each line of the log; left out: nothing does. */
  readonly app?: string
  /** Variables of other programs that share one environment with this one. */
  readonly readElsewhere?: readonly string[]
}

/** How each server begins: reads its settings, and opens its log, which tells them at level debug. */
export function beginProgram<S extends ProgramSchema>(
  start: ProgramStart<S>,
): { readonly config: Readonly<z.output<S>>; readonly logger: Logger } {
  const { schema, env, trust, app, readElsewhere = [] } = start
  const config = readConfig(schema, env, {
    readElsewhere,
    warn: (warning) => say(warningLine(warning)),
  })
  const logger = createLogger({
    level: String(config.SEMBLANCE_LOG_LEVEL),
    ...(app !== undefined && { base: { app } }),
  })
  trust.logTo(logger)
  logger.debug(shownConfig(schema, config), 'configuration')
  return { config, logger }
}

/** What runs until the process is told to stop. */
export interface Running {
  /** Rejects on a fault that no waiting mends, such as a gallery of another pack: the process then ends. */
  readonly opened?: Promise<void>
  close(): Promise<void>
}

/** Resolves once it is closed, after `stop` or after a fault of its opening, which is thrown. */
export async function runUntil(stop: Promise<void>, running: Running): Promise<void> {
  try {
    await Promise.race([stop, (running.opened ?? stop).then(() => stop)])
    say('Stopping ...')
  } finally {
    await running.close()
  }
  say('Stopped.')
}
