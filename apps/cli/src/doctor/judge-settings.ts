import type { ConfigProblem, ConfigWarning } from '@semblance/config'
import { type Finding, fine, wrong } from './finding.ts'

export interface JudgedSettings<Settings> {
  /** Null if they are wrong. */
  readonly settings: Settings | null
  readonly findings: readonly Finding[]
}

/** Reads settings as a server does, and tells all that is wrong with them instead of ending. */
export function judgeSettings<Settings>(
  read: (warn: (warning: ConfigWarning) => void) => Settings,
): JudgedSettings<Settings> {
  const warnings: ConfigWarning[] = []
  try {
    const settings = read((warning) => warnings.push(warning))
    const findings = warnings.map(unknownVariable)
    return { settings, findings: findings.length > 0 ? findings : [fine('settings', 'all can be read')] }
  } catch (fault) {
    if (!(fault instanceof Error) || fault.name !== 'ConfigError') throw fault
    const { problems, warnings: unread } = fault as Error & {
      readonly problems: readonly ConfigProblem[]
      readonly warnings: readonly ConfigWarning[]
    }
    return { settings: null, findings: [...problems.map(problemOf), ...unread.map(unknownVariable)] }
  }
}

function problemOf({ name, got, wanted }: ConfigProblem): Finding {
  return wrong(
    'settings',
    `${name === '' ? 'settings' : name}: ${got === null ? 'not set' : `got ${got}`}`,
    `wanted: ${wanted}`,
  )
}

function unknownVariable({ name, didYouMean }: ConfigWarning): Finding {
  const advice = didYouMean === null ? 'take it away, or correct its name' : `did you mean ${didYouMean}?`
  return wrong('settings', `${name}: nothing reads this variable`, advice)
}
