import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { anchorsOf, pages } from '../docs/pages.ts'
import { alerts, observability, ruleFile } from './rule-file.ts'

const runbook = pages.find(({ file }) => file === 'docs/runbook.md')

describe.each(alerts)('alert $alert', ({ labels, annotations }) => {
  it('says how urgent it is, what is wrong, and where the runbook has more', () => {
    expect(['critical', 'warning']).toContain(labels.severity)
    expect(annotations.summary).toMatch(/^\w.*[^.]$|^\{\{/)
    expect(annotations.description).toMatch(/\.$/)
    const [page, anchor = ''] = annotations.runbook_url.split('#')
    expect(page).toBe('docs/runbook.md')
    expect([...anchorsOf(runbook!)]).toContain(anchor)
  })
})

it('the runbook names every alert, and no other', () => {
  const named = new Set(runbook?.text.match(/\bSemblance[A-Z]\w+/g))
  expect([...named].toSorted()).toEqual(alerts.map(({ alert }) => alert).toSorted())
})

/** Built from the Go modules of Prometheus, see docs/contributing.md; what it checks is not checked without it. */
const promtool = whereIsPromtool()

describe.skipIf(promtool === null)('promtool, skipped where it is not on the PATH', () => {
  const run = (...args: readonly string[]) => execFileSync(promtool ?? '', args, { encoding: 'utf8' })

  it('accepts the rules', () => {
    expect(run('check', 'rules', ruleFile)).toContain('SUCCESS')
  })

  it('accepts the settings of Prometheus for compose', () => {
    expect(run('check', 'config', '--syntax-only', join(observability, 'prometheus.yml'))).toContain(
      'SUCCESS',
    )
  })

  it.each([
    'alerts.series.yaml',
    'alerts-of-days.series.yaml',
  ])('sees each alert fire on its series of %s, and no other', (file) => {
    expect(run('test', 'rules', join(import.meta.dirname, file))).toContain('SUCCESS')
  }, 120_000)
})

function whereIsPromtool(): string | null {
  try {
    execFileSync('promtool', ['--version'], { stdio: 'ignore' })
    return 'promtool'
  } catch {
    return null
  }
}
