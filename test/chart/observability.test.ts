import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'
import { chartFolder, ofKind, render, withoutHelm } from './helm.ts'

const source = join(import.meta.dirname, '../../deploy/observability')

/** Contents by their names. */
function filesIn(folder: string): Readonly<Record<string, string>> {
  const names = readdirSync(folder).toSorted()
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name), 'utf8')]))
}

it.each(['alerts', 'dashboards'])('has the same %s in the chart as beside it', (kind) => {
  // cp -r deploy/observability/alerts deploy/observability/dashboards helm/semblance/files
  expect(filesIn(join(chartFolder, 'files', kind))).toEqual(filesIn(join(source, kind)))
})

describe.skipIf(withoutHelm !== null)(`the chart ${withoutHelm ?? ''}`, () => {
  it('gives Prometheus the alerts and Grafana the dashboards, as they are', () => {
    const { manifests } = render('production')
    const [rule] = ofKind(manifests, 'PrometheusRule')
    expect(rule?.spec).toEqual(parse(readFileSync(join(source, 'alerts/semblance.yaml'), 'utf8')))
    const dashboards = ofKind(manifests, 'ConfigMap').filter(({ metadata }) =>
      metadata.name.includes('dashboard'),
    )
    const given = Object.assign({}, ...dashboards.map(({ data }) => data)) as Record<string, string>
    const expected = filesIn(join(source, 'dashboards'))
    expect(Object.keys(given).toSorted()).toEqual(Object.keys(expected))
    for (const [name, text] of Object.entries(expected))
      expect(JSON.parse(given[name] ?? '')).toEqual(JSON.parse(text))
  })
})
