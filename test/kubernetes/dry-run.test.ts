import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { examples, render, withoutHelm } from '../chart/helm.ts'
import { kubectl, withoutKubernetes } from './kubectl.ts'

const reason = withoutKubernetes ?? withoutHelm
const namespace = `semblance-${randomUUID().slice(0, 8)}`

/** Kinds that other projects define. A cluster without them cannot judge such objects. */
const DEFINED_ELSEWHERE = ['ScaledObject', 'ServiceMonitor', 'PodMonitor', 'PrometheusRule', 'HTTPRoute']

describe.skipIf(reason !== null)(`the API server ${reason ?? ''}`, () => {
  let known: ReadonlySet<string> = new Set()

  beforeAll(() => {
    known = new Set(
      kubectl(['api-resources', '--no-headers'])
        .split('\n')
        .map((line) => line.trim().split(/\s+/).at(-1) ?? ''),
    )
    kubectl(['create', 'namespace', namespace])
    const level = ['enforce', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}=restricted`)
    kubectl(['label', 'namespace', namespace, ...level])
  })

  afterAll(() => {
    kubectl(['delete', 'namespace', namespace, '--wait=false'])
  })

  it.each(['backup', 'restore'])('accepts the objects of deploy/kubernetes/%s.yaml', (name) => {
    const file = join(import.meta.dirname, `../../deploy/kubernetes/${name}.yaml`)
    const answer = kubectl(['apply', '--dry-run=server', '-n', namespace, '-f', file]).trim().split('\n')
    expect(answer.filter((line) => !line.endsWith('(server dry run)'))).toEqual([])
  })

  it('accepts the Job of a command', () => {
    const { manifests } = render('production', '--namespace', namespace, '--set', 'command.args={doctor}')
    const jobs = manifests.filter(({ kind, metadata }) => kind === 'Job' && metadata.name === undefined)
    expect(jobs).toHaveLength(1)
    expect(kubectl(['create', '--dry-run=server', '-f', '-'], JSON.stringify(jobs[0]))).not.toMatch(
      /warning/i,
    )
  })

  it.each(examples)('accepts every object of the example %s, under the restricted standard', (example) => {
    const { refusal, manifests } = render(example, '--namespace', namespace)
    expect(refusal).toBe('')
    const judged = manifests.filter(({ kind }) => known.has(kind) || !DEFINED_ELSEWHERE.includes(kind))
    const items = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: judged })
    const answer = kubectl(['apply', '--dry-run=server', '-f', '-'], items).trim().split('\n')
    expect(answer.filter((line) => !line.endsWith('(server dry run)'))).toEqual([])
    expect(answer).toHaveLength(judged.length)
  })
})
