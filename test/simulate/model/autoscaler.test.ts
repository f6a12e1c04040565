import { describe, expect, it } from 'vitest'
import { Autoscaler, type AutoscalerPlan } from './autoscaler.ts'

const PLAN: AutoscalerPlan = {
  minReplicas: 1,
  maxReplicas: 20,
  triggers: [{ kind: 'averageValue', target: 2, figure: 'active' }],
  syncMs: 15_000,
  tolerance: 0.1,
  up: { stabilizationMs: 0, pods: 4, percent: 100, periodMs: 15_000 },
  down: { stabilizationMs: 300_000, pods: 0, percent: 100, periodMs: 15_000 },
  podStartMs: 10_000,
}

describe('as the documentation of the HorizontalPodAutoscaler says', () => {
  it('a total is divided by the target', () => {
    expect(decide({}, { current: 3, ready: 3 }, 10)).toBe(5)
  })

  it('a value that all share multiplies the pods that are ready', () => {
    const triggers = [{ kind: 'value', target: 500, figure: 'estimatedWaitMs' }] as const
    expect(decide({ triggers }, { current: 4, ready: 2 }, 1_500)).toBe(6)
  })

  it('a figure within the tolerance changes nothing', () => {
    expect(decide({}, { current: 10, ready: 10 }, 21.9)).toBe(10)
    expect(decide({}, { current: 10, ready: 10 }, 22.1)).toBe(12)
  })

  it('the trigger that wants most counts', () => {
    const triggers = [...PLAN.triggers, { kind: 'averageValue', target: 1, figure: 'active' }] as const
    expect(decide({ triggers }, { current: 4, ready: 4 }, 7)).toBe(7)
  })

  it('it at most doubles in a period, or adds four pods', () => {
    expect(decide({}, { current: 1, ready: 1 }, 1_000)).toBe(5)
    expect(decide({}, { current: 8, ready: 8 }, 1_000)).toBe(16)
  })

  it('it stays within its limits', () => {
    expect(decide({}, { current: 19, ready: 19 }, 1_000)).toBe(20)
    expect(
      decide({ minReplicas: 2, down: { ...PLAN.down, stabilizationMs: 0 } }, { current: 3, ready: 3 }, 0),
    ).toBe(2)
  })

  it('it goes down only when nothing has wanted more for the whole window', () => {
    const scaler = new Autoscaler(PLAN)
    const at = (s: number, active: number) => scaler.decide(s * 1000, { current: 8, ready: 8 }, () => active)
    expect(at(0, 16)).toBe(8)
    expect(at(15, 2)).toBe(8)
    expect(at(285, 2)).toBe(8)
    expect(at(301, 4)).toBe(2)
  })

  it('it goes up at once, unless it is told to wait for a second look', () => {
    const up = { ...PLAN.up, stabilizationMs: 30_000 }
    const scaler = new Autoscaler({ ...PLAN, up })
    const at = (s: number, active: number) => scaler.decide(s * 1000, { current: 2, ready: 2 }, () => active)
    expect(at(0, 4)).toBe(2)
    expect(at(15, 12)).toBe(2)
    expect(at(31, 12)).toBe(6)
  })
})

function decide(
  changes: Partial<AutoscalerPlan>,
  replicas: { readonly current: number; readonly ready: number },
  figure: number,
): number {
  return new Autoscaler({ ...PLAN, ...changes }).decide(0, replicas, () => figure)
}
