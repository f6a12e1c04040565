import { readFileSync } from 'node:fs'
import type { z } from 'zod'
import { ConfigError, type ConfigProblem, type ConfigWarning } from './config-error.ts'
import { type Environment, type Gathered, gatherValues } from './gather-values.ts'
import { secretNames } from './secret-fields.ts'
import { clientSettings } from './setting-groups.ts'
import { HIDDEN, shownText } from './shown-value.ts'
import { isServiceLink, unknownVariables } from './unknown-variables.ts'

export interface ReadConfigOptions<S extends z.ZodObject> {
  /** Secrets besides those whose field is one already (`secretText`, `secretList`): URLs with a password, say. */
  readonly secrets?: readonly (keyof S['shape'] & string)[]
  /** Variables of other apps, which may share one environment with this one: not told as unknown. */
  readonly readElsewhere?: readonly string[]
  /** This is told of each variable with our prefix that nothing reads. */
  readonly warn?: (warning: ConfigWarning) => void
  /** The content of a secret's file. */
  readonly readFile?: (path: string) => string
}

/** A shell in which somebody starts servers, and calls them, has both kinds: no program tells these as unknown. */
const CLIENT_VARIABLES = Object.keys(clientSettings).flatMap((name) => [name, `${name}_FILE`])

/**
 * The environment as the schema's value, frozen through and through. The schema has one key per variable. An empty
 * variable counts as not set. Throws one ConfigError with all problems; rules over several variables (`.refine` on the
 * object) are looked at only once each variable is right for itself.
 */
export function readConfig<S extends z.ZodObject>(
  schema: S,
  env: Environment,
  options: ReadConfigOptions<S> = {},
): Readonly<z.output<S>> {
  const { warn, readElsewhere = [], readFile = (path: string) => readFileSync(path, 'utf8') } = options
  const names = Object.keys(schema.shape)
  const secrets = secretNames(schema, options.secrets ?? [])
  const gathered = gatherValues(names, { env, secrets, readFile })
  const warnings = unknownVariables(env, [
    ...names,
    ...readElsewhere,
    ...CLIENT_VARIABLES,
    ...[...secrets].map((name) => `${name}_FILE`),
  ])
  const parsed = schema.safeParse(Object.fromEntries(gathered.values))
  const problems = [...gathered.problems, ...problemsOf(parsed.error, gathered, secrets)]
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems, warnings)
  if (warn !== undefined) for (const warning of warnings) warn(warning)
  return deepFreeze(parsed.data)
}

function problemsOf(
  error: z.ZodError | undefined,
  { values, failed }: Gathered,
  secrets: ReadonlySet<string>,
): readonly ConfigProblem[] {
  const problems = (error?.issues ?? []).map(({ path, message }) => {
    const name = String(path[0] ?? '')
    const value = values.get(name)
    return {
      name,
      got: value === undefined ? null : shown(value, secrets.has(name)),
      wanted: wanted(name, value, message),
    }
  })
  const unreported = problems.filter(({ name }) => !failed.has(name))
  // A list with several wrong entries says the same thing of each.
  return [...new Map(unreported.map((problem) => [`${problem.name} ${problem.wanted}`, problem])).values()]
}

function wanted(name: string, value: string | undefined, message: string): string {
  const hint = ' (Kubernetes made this value: set enableServiceLinks to false)'
  return value !== undefined && isServiceLink(name, value) ? message + hint : message
}

function shown(value: string, isSecret: boolean): string {
  return isSecret ? HIDDEN : JSON.stringify(shownText(value))
}

function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    for (const inner of Object.values(value)) deepFreeze(inner)
    Object.freeze(value)
  }
  return value
}
