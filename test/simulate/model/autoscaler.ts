/** What Kubernetes' HorizontalPodAutoscaler is told, with KEDA as its source of figures. */
export interface AutoscalerPlan {
  readonly minReplicas: number
  readonly maxReplicas: number
  readonly triggers: readonly Trigger[]
  /** How often it looks: `--horizontal-pod-autoscaler-sync-period`. */
  readonly syncMs: number
  /** A figure that is off its target by no more than this share changes nothing. */
  readonly tolerance: number
  readonly up: Behavior
  readonly down: Behavior
  /** From the decision to a pod that takes jobs: scheduling, image, start, networks loaded. */
  readonly podStartMs: number
}

export interface Trigger {
  /** `averageValue` is a total that the replicas share. `value` is the same however many there are. */
  readonly kind: 'value' | 'averageValue'
  readonly target: number
  readonly figure: Figure
}

/** What a gateway tells of the lane in `/ops/scaling`. */
export type Figure = 'estimatedWaitMs' | 'oldestWaitingMs' | 'active'

export interface Behavior {
  /** The mildest of all decisions of so long counts. */
  readonly stabilizationMs: number
  /** In each period at most so many pods, or so many percent: whatever is more. */
  readonly pods: number
  readonly percent: number
  readonly periodMs: number
}

export interface Replicas {
  /** Wanted. */
  readonly current: number
  /** Of these, pods that are ready. */
  readonly ready: number
}

interface Noted {
  readonly at: number
  readonly replicas: number
}

/** Decides how many pods are wanted, as the HorizontalPodAutoscaler does (`autoscaling/v2`). */
export class Autoscaler {
  readonly #plan: AutoscalerPlan
  #wanted: Noted[] = []
  #changes: Noted[] = []

  constructor(plan: AutoscalerPlan) {
    this.#plan = plan
  }

  /** `figureOf` tells the newest figures. Call it at each sync. */
  decide(now: number, replicas: Replicas, figureOf: (figure: Figure) => number): number {
    const { triggers, minReplicas, maxReplicas } = this.#plan
    const wishes = triggers.map((trigger) => this.#wishOf(trigger, replicas, figureOf(trigger.figure)))
    const clamp = (value: number) => Math.min(maxReplicas, Math.max(minReplicas, value))
    const wish = clamp(Math.max(...wishes))
    this.#note(now, { wish, current: replicas.current })
    const stable = this.#stabilized(now, { wish, current: replicas.current })
    const decided = clamp(this.#limited(now, { wish: stable, current: replicas.current }))
    return decided
  }

  #wishOf({ kind, target }: Trigger, { current, ready }: Replicas, figure: number): number {
    const shared = kind === 'averageValue' ? Math.max(1, current) : 1
    const ratio = figure / (target * shared)
    if (current > 0 && Math.abs(ratio - 1) <= this.#plan.tolerance) return current
    return kind === 'averageValue' ? Math.ceil(figure / target) : Math.ceil(ratio * ready)
  }

  #note(now: number, { wish, current }: { readonly wish: number; readonly current: number }): void {
    const { up, down } = this.#plan
    const keepMs = Math.max(up.stabilizationMs, down.stabilizationMs)
    this.#wanted = [...this.#wanted.filter(({ at }) => at > now - keepMs), { at: now, replicas: wish }]
    const periodMs = Math.max(up.periodMs, down.periodMs)
    this.#changes = [...this.#changes.filter(({ at }) => at > now - periodMs), { at: now, replicas: current }]
  }

  #stabilized(now: number, { wish, current }: { readonly wish: number; readonly current: number }): number {
    const within = (ms: number) =>
      this.#wanted.filter(({ at }) => at > now - ms || at === now).map(({ replicas }) => replicas)
    const { up, down } = this.#plan
    const mildUp = Math.min(...within(up.stabilizationMs))
    const mildDown = Math.max(...within(down.stabilizationMs))
    if (wish > current) return Math.max(current, mildUp)
    return Math.min(current, mildDown)
  }

  #limited(now: number, { wish, current }: { readonly wish: number; readonly current: number }): number {
    const rule = wish > current ? this.#plan.up : this.#plan.down
    const since = this.#changes.filter(({ at }) => at > now - rule.periodMs).map(({ replicas }) => replicas)
    const step = (from: number) => Math.max(rule.pods, Math.ceil((from * rule.percent) / 100))
    if (wish > current) {
      const from = Math.min(...since, current)
      return Math.min(wish, from + step(from))
    }
    const from = Math.max(...since, current)
    return Math.max(wish, from - step(from))
  }
}
