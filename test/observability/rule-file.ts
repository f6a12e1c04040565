import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parse } from 'yaml'

export const observability = join(import.meta.dirname, '../../deploy/observability')
export const ruleFile = join(observability, 'alerts/semblance.yaml')

export interface Alert {
  readonly alert: string
  readonly expr: string
  readonly labels: { readonly severity: string }
  readonly annotations: {
    readonly summary: string
    readonly description: string
    readonly runbook_url: string
  }
}

export interface Recording {
  readonly record: string
  readonly expr: string
}

interface RuleFile {
  readonly groups: readonly { readonly name: string; readonly rules: readonly (Alert | Recording)[] }[]
}

export const rules = (parse(readFileSync(ruleFile, 'utf8')) as RuleFile).groups.flatMap(({ rules }) => rules)
export const alerts = rules.filter((rule): rule is Alert => 'alert' in rule)
export const recordings = rules.filter((rule): rule is Recording => 'record' in rule)
