import type { ConfigProblem } from './config-error.ts'
import { HIDDEN } from './shown-value.ts'

export type Environment = Readonly<Record<string, string | undefined>>

export interface Gathered {
  readonly values: ReadonlyMap<string, string>
  readonly problems: readonly ConfigProblem[]
  /** Variables whose file could not be used: reported already, so not to be reported as missing, too. */
  readonly failed: ReadonlySet<string>
}

export interface Sources {
  readonly env: Environment
  readonly secrets: ReadonlySet<string>
  readonly readFile: (path: string) => string
}

/** The text of each variable, from itself or, for a secret, from the file named by its `_FILE` sister. */
export function gatherValues(names: readonly string[], sources: Sources): Gathered {
  const values = new Map<string, string>()
  const problems: ConfigProblem[] = []
  const failed = new Set<string>()
  for (const name of names) {
    const found = findValue(name, sources)
    if (typeof found === 'string') values.set(name, found)
    if (typeof found !== 'object') continue
    problems.push(found)
    failed.add(name)
  }
  return { values, problems, failed }
}

function findValue(name: string, { env, secrets, readFile }: Sources): string | ConfigProblem | undefined {
  // An empty string is how compose files and charts say "not set".
  const direct = env[name] || undefined
  const path = (secrets.has(name) && env[`${name}_FILE`]) || undefined
  if (path === undefined) return direct
  if (direct !== undefined) {
    return { name, got: `both ${name} and ${name}_FILE`, wanted: 'only one of the two' }
  }
  return readSecret(`${name}_FILE`, () => readFile(path))
}

/** What is in the variable is never shown: people put the secret itself there by mistake. */
function readSecret(name: string, read: () => string): string | ConfigProblem {
  try {
    const content = read().replace(/(\r?\n)+$/, '')
    return content === '' ? { name, got: 'an empty file', wanted: 'a file with the secret in it' } : content
  } catch (fault) {
    const { code = 'unreadable' } = fault as NodeJS.ErrnoException
    return { name, got: `${HIDDEN}: ${code}`, wanted: 'the path of a readable file' }
  }
}
