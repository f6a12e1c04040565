import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { dashboards, type Panel } from './dashboard-files.ts'

const repository = join(import.meta.dirname, '../..')

describe.each(dashboards)('dashboard $file', ({ file, board }) => {
  const { panels } = board
  const shown = panels.filter(({ type }) => type !== 'row')

  it('has an address of its own and unique ids', () => {
    expect(board.uid).toBe(`semblance-${file.replace('.json', '')}`)
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length)
  })

  it('lets the reader choose Prometheus and the namespace', () => {
    expect(board.templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['namespace', 'query'],
    ])
    expect(shown.filter(({ datasource }) => datasource?.uid !== `$\{datasource}`)).toEqual([])
  })

  it('has no panel that is empty, unexplained or hidden behind another', () => {
    expect(shown.length).toBeGreaterThan(5)
    for (const panel of shown) {
      expect(panel.targets?.length, panel.title).toBeGreaterThan(0)
      expect(panel.description, panel.title).toMatch(/\w.*\.$/)
      expect(panel.targets?.every(({ expr }) => expr.includes('namespace=~"$namespace"'))).toBe(true)
    }
    const pairs = panels.flatMap((one, index) =>
      panels.slice(index + 1).map((other) => [one, other] as const),
    )
    expect(pairs.filter(([one, other]) => areInOnePlace(one, other)).map(([one]) => one.title)).toEqual([])
    expect(panels.filter(({ gridPos: { x, w } }) => x + w > 24)).toEqual([])
  })
})

function areInOnePlace({ gridPos: a }: Panel, { gridPos: b }: Panel): boolean {
  return a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h
}

/** Grafana's enums of texts, as JSON has them. */
const TYPES = `
import type { Dashboard } from '@grafana/schema'
import type { Options as Stat } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen'
import type { FieldConfig, Options as TimeSeries } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen'
type Json<T> = T extends string ? \`\${T}\` : T extends readonly (infer E)[] ? readonly Json<E>[]
  : T extends object ? { readonly [K in keyof T]: Json<T[K]> } : T
type Loose<T> = { readonly [K in keyof T]?: T[K] extends object ? Loose<T[K]> : T[K] }
`

describe('the form of the dashboards', () => {
  it('is that of the schema of Grafana', async () => {
    const folder = await mkdtemp(join(repository, 'node_modules/.cache-dashboards-'))
    try {
      const checks = dashboards.flatMap(({ text, board }, index) => [
        `const board${index}: Json<Dashboard> = ${text}`,
        ...board.panels.flatMap((panel, at) => panelChecks(panel as PanelForm, `${index}_${at}`)),
      ])
      await writeFile(join(folder, 'dashboards.ts'), `${TYPES}${checks.join('\n')}`)
      const tsc = join(repository, 'node_modules/typescript/bin/tsc')
      const options = ['--noEmit', '--strict', '--skipLibCheck', '--module', 'nodenext', '--types', 'node']
      const told = await promisify(execFile)(process.execPath, [
        tsc,
        ...options,
        join(folder, 'dashboards.ts'),
      ]).catch((fault: { readonly stdout: string }) => fault)
      expect(told.stdout).toBe('')
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})

interface PanelForm extends Panel {
  readonly options?: object
  readonly fieldConfig?: { readonly defaults: { readonly custom?: object } }
}

/** What a kind of panel may be told, which the schema of a dashboard leaves open. */
function panelChecks({ type, options, fieldConfig }: PanelForm, name: string): readonly string[] {
  if (type === 'row') return []
  const kind = type === 'stat' ? 'Stat' : 'TimeSeries'
  const custom = fieldConfig?.defaults.custom
  return [
    `const options${name}: Json<Loose<${kind}>> = ${JSON.stringify(options)}`,
    ...(custom === undefined
      ? []
      : [`const custom${name}: Json<Loose<FieldConfig>> = ${JSON.stringify(custom)}`]),
  ]
}
