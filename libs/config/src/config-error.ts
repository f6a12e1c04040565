export interface ConfigProblem {
  /** The variable; empty for a rule over several of them. */
  readonly name: string
  /** The value as it is printed: quoted and cut, hidden for a secret; null if not set. */
  readonly got: string | null
  readonly wanted: string
}

/** A variable with our prefix that nothing reads: most likely a slip of the pen. */
export interface ConfigWarning {
  readonly name: string
  /** The known name that looks most like it, if any does. */
  readonly didYouMean: string | null
}

/** Everything that is wrong with the environment, at once; the message is meant to be printed as it is. */
export class ConfigError extends Error {
  readonly problems: readonly ConfigProblem[]
  readonly warnings: readonly ConfigWarning[]

  constructor(problems: readonly ConfigProblem[], warnings: readonly ConfigWarning[]) {
    const wrong = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    const unread = warnings.length === 1 ? '1 unknown variable' : `${warnings.length} unknown variables`
    const found = warnings.length === 0 ? wrong : `${wrong} and ${unread}`
    const lines = [...problems.map(problemLine), ...warnings.map((warning) => warningLine(warning))]
    super([`The configuration has ${found}:`, ...lines.map((line) => `  ${line}`)].join('\n'))
    this.name = 'ConfigError'
    this.problems = problems
    this.warnings = warnings
  }
}

/** One line for a log or a terminal; the value is not shown, since it may be a secret under a wrong name. */
export function warningLine({ name, didYouMean }: ConfigWarning): string {
  const hint = didYouMean === null ? '' : `; did you mean ${didYouMean}?`
  return `${name}: nothing reads this variable${hint}`
}

function problemLine({ name, got, wanted }: ConfigProblem): string {
  const found = got === null ? 'not set' : `got ${got}`
  return name === '' ? wanted : `${name}: ${found}, wanted ${wanted}`
}
