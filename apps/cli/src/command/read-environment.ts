import { clientSettings, clusterVariables, dataSettings, readConfig, warningLine } from '@semblance/config'
import { say } from '@semblance/telemetry'
import type { z } from 'zod'

/** Variables that some command or server reads, which may share one environment: no command tells them as unknown. */
export const commandVariables: readonly string[] = [
  ...clusterVariables,
  ...Object.keys({ ...dataSettings, ...clientSettings }).flatMap((name) => [name, `${name}_FILE`]),
]

interface EnvironmentReading {
  /** Takes a line for people; by default standard error does. */
  readonly tell?: (line: string) => void
}

/** What a command reads from the environment. It tells variables that nothing reads. Throws a `ConfigError`. */
export function readEnvironment<S extends z.ZodObject>(
  schema: S,
  { tell = say }: EnvironmentReading = {},
): Readonly<z.output<S>> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  return readConfig(schema, process.env, {
    readElsewhere: commandVariables,
    warn: (warning) => tell(warningLine(warning)),
  })
}
