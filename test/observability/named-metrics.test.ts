import { LANES, OVERDUE_KINDS } from '@semblance/core'
import { createMetrics } from '@semblance/telemetry'
import { Registry } from 'prom-client'
import { describe, expect, it } from 'vitest'
import { read } from '../docs/repository.ts'
import { dashboards } from './dashboard-files.ts'
import { readExpression } from './promql.ts'
import { recordings, rules } from './rule-file.ts'

const registry = new Registry()
createMetrics({ registry })
const readme = read('libs/telemetry/README.md')

/** Every series that the program exports, by its name in Prometheus, with its labels. */
const exported = new Map<string, readonly string[]>(
  (
    registry.getMetricsAsArray() as unknown as readonly {
      readonly name: string
      readonly type: string
      readonly labelNames: readonly string[]
    }[]
  ).flatMap(({ name, labelNames, type }) =>
    type === 'histogram'
      ? [
          [`${name}_bucket`, [...labelNames, 'le']],
          [`${name}_sum`, labelNames],
          [`${name}_count`, labelNames],
        ]
      : [[name, labelNames]],
  ),
)
for (const { record } of recordings) exported.set(record, [])
// Prometheus makes it of the rules.
exported.set('ALERTS', ['alertname', 'alertstate', 'severity'])

/** Prometheus puts these to what it scrapes. */
const OF_TARGETS = ['namespace', 'job', 'instance']
const VALUES = new Set([
  ...[...LANES, ...OVERDUE_KINDS, 'POST', 'firing'],
  ...(readme.match(/(?<=`)\w+(?=`)/g) ?? []),
  ...(read('libs/core/src/errors.ts').match(/\bE_[A-Z_]+\b/g) ?? []),
])

const expressions = [
  ...rules.map((rule) => ({ of: 'alert' in rule ? rule.alert : rule.record, text: rule.expr })),
  ...dashboards.flatMap(({ file, board }) =>
    board.panels.flatMap(({ title, targets = [] }) =>
      targets.map(({ refId, expr }) => ({ of: `${file}, ${title}, ${refId}`, text: expr })),
    ),
  ),
]

describe('the rules and the dashboards', () => {
  it.each(expressions)('$of asks for series and labels that there are', ({ text }) => {
    const { series, grouping } = readExpression(text)
    expect(series.length).toBeGreaterThan(0)
    const labels = new Set(OF_TARGETS)
    for (const { metric, matchers } of series) {
      expect([...exported.keys()]).toContain(metric)
      const own = exported.get(metric) ?? []
      for (const label of own) labels.add(label)
      for (const { label, values } of matchers) {
        expect([...own, ...OF_TARGETS], `labels of ${metric}`).toContain(label)
        expect(values.filter((value) => !VALUES.has(value))).toEqual([])
      }
    }
    expect(grouping.filter((label) => !labels.has(label))).toEqual([])
  })
})

describe('the expressions of the test', () => {
  it('do not parse with a mistake in them', () => {
    expect(() => readExpression('sum by (lane (semblance_queue_workers)')).toThrow('does not parse')
  })
})

it('the README of telemetry names the labels of each metric', () => {
  const rows = readme.split('\n').filter((line) => line.startsWith('| `semblance_'))
  const wrong = [...exported].flatMap(([series, labels]) => {
    const name = series.replace(/_(bucket|sum|count)$/, '')
    const ending = (parts: readonly string[]) => `\`_${parts.join('_')}\``
    const parts = name.split('_')
    const row = rows.find(
      (line) =>
        line.includes(`\`${name}\``) ||
        (line.includes(`\`${parts.slice(0, 2).join('_')}_`) &&
          parts.some((_, index) => index > 1 && line.includes(ending(parts.slice(index))))),
    )
    if (!name.startsWith('semblance_')) return []
    return labels
      .filter((label) => label !== 'le' && row?.includes(`\`${label}\``) !== true)
      .map((label) => `${name} ${label}`)
  })
  expect(wrong).toEqual([])
})
