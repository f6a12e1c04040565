import type { GalleryPorts } from '../gallery-ports.ts'
import type { Exclusive, Lease } from '../ports/exclusive.ts'
import type { RecordStore } from '../ports/record-store.ts'

type RecordPort = 'persons' | 'images' | 'groups' | 'feedback' | 'settings' | 'overdue'

/** One call of a port in the course of a use case, for instance the 3rd: `index.upsert`. */
export interface Step {
  readonly port: RecordPort | 'records' | 'index' | 'pictures' | 'lease'
  readonly method: string
  /** From 0, over all ports together. */
  readonly n: number
}

/** Where a process is stopped: right before a call goes out, or right after it was carried out. */
export interface StopPoint {
  readonly n: number
  readonly when: 'before' | 'after'
}

type Intercept = (step: Step, proceed: () => Promise<unknown>) => Promise<unknown>

/** The fault of every call of a process that is dead. */
export class ProcessDied extends Error {}

/** The same gallery, noting each call of a port. */
export function recordSteps(gallery: GalleryPorts): {
  readonly gallery: GalleryPorts
  readonly steps: readonly Step[]
} {
  const steps: Step[] = []
  const intercept: Intercept = (step, proceed) => {
    steps.push(step)
    return proceed()
  }
  return { gallery: interceptPorts(gallery, intercept), steps }
}

/** Every point at which a process can be stopped that goes through these steps, with a name for a test. */
export function stopPointsOf(steps: readonly Step[]): readonly (StopPoint & { readonly name: string })[] {
  return steps.flatMap(({ n, port, method }) =>
    (['before', 'after'] as const).map((when) => ({
      n,
      when,
      name: `${when} step ${n + 1}, ${port}.${method}`,
    })),
  )
}

/** At most `most` of these, from the first to the last, evenly spread; all of them if it is left out. */
export function spreadPoints<Point>(
  points: readonly Point[],
  most: number = points.length,
): readonly Point[] {
  if (points.length <= most) return points
  const step = (points.length - 1) / Math.max(1, most - 1)
  return Array.from({ length: most }, (_, i) => points[Math.round(i * step)] as Point)
}

/**
 * The same gallery as seen by a process that dies at the given point: from then on all its calls fail. Calls that it had
 * sent before and that are still on their way are carried out; it counts as dead once they are.
 */
export function crashAt(gallery: GalleryPorts, point: StopPoint): GalleryPorts {
  const onTheirWay = new Set<Promise<unknown>>()
  let isDead = false
  const die = async (): Promise<never> => {
    isDead = true
    await Promise.allSettled(onTheirWay)
    throw new ProcessDied('the process died here')
  }
  return interceptPorts(gallery, async ({ n }, proceed) => {
    if (isDead || (n === point.n && point.when === 'before')) return die()
    const call = proceed()
    onTheirWay.add(call)
    const answer = await call.finally(() => onTheirWay.delete(call))
    return n === point.n ? die() : answer
  })
}

export interface PausedProcess {
  readonly gallery: GalleryPorts
  /** Resolves when the process stands at the point; never, if its way does not lead there. */
  readonly reached: Promise<void>
  resume(): void
}

/**
 * The same gallery as seen by a process that sleeps at the given point until it is resumed: a zombie. All of it sleeps:
 * calls that it had sent before are carried out, and none is sent after.
 */
export function pauseAt(gallery: GalleryPorts, point: StopPoint): PausedProcess {
  const reached = Promise.withResolvers<void>()
  const resumed = Promise.withResolvers<void>()
  const onTheirWay = new Set<Promise<unknown>>()
  let isAsleep = false
  const fallAsleep = async () => {
    isAsleep = true
    await Promise.allSettled(onTheirWay)
    reached.resolve()
    await resumed.promise
  }
  const intercept: Intercept = async ({ n }, proceed) => {
    if (n === point.n && point.when === 'before') await fallAsleep()
    else if (isAsleep) await resumed.promise
    const call = proceed()
    onTheirWay.add(call)
    const answer = await call.finally(() => onTheirWay.delete(call))
    if (n === point.n && point.when === 'after') await fallAsleep()
    return answer
  }
  return {
    gallery: interceptPorts(gallery, intercept),
    reached: reached.promise,
    resume: resumed.resolve,
  }
}

/** The same gallery, where each call waits for its turn: whoever hands out turns decides who comes before whom. */
export function takeTurns(gallery: GalleryPorts, turn: (step: Step) => Promise<void>): GalleryPorts {
  return interceptPorts(gallery, async (step, proceed) => {
    await turn(step)
    return proceed()
  })
}

/** The same gallery with one of its ports away: each call fails as it does when that store cannot be reached. */
export function withoutPort(gallery: GalleryPorts, port: Step['port'], fault: Error): GalleryPorts {
  return interceptPorts(gallery, (step, proceed) => (step.port === port ? Promise.reject(fault) : proceed()))
}

/** The same gallery with some calls of one kind of records replaced. */
export function withRecords<Name extends RecordPort>(
  gallery: GalleryPorts,
  port: Name,
  calls: Partial<RecordStore[Name]>,
): GalleryPorts {
  const replaced = { ...gallery.records[port], ...calls }
  return { ...gallery, records: { ...gallery.records, [port]: replaced } }
}

function interceptPorts(gallery: GalleryPorts, intercept: Intercept): GalleryPorts {
  let calls = 0
  const count = (port: Step['port'], method: string): Step => ({ port, method, n: calls++ })
  const through = <Port extends object>(name: Step['port'], port: Port): Port =>
    new Proxy(port, {
      get: (target, method: string) => {
        const member: unknown = Reflect.get(target, method)
        if (typeof member !== 'function') return member
        return (...args: readonly unknown[]) =>
          intercept(count(name, method), () => Reflect.apply(member, target, args))
      },
    })
  const exclusive: Exclusive = {
    run: (key, task, waiting) =>
      gallery.exclusive.run(key, (lease: Lease) => task(through('lease', lease)), waiting),
  }
  const { records } = gallery
  return {
    ...gallery,
    records: {
      ...through('records', records),
      persons: through('persons', records.persons),
      images: through('images', records.images),
      groups: through('groups', records.groups),
      feedback: through('feedback', records.feedback),
      settings: through('settings', records.settings),
      overdue: through('overdue', records.overdue),
    },
    index: through('index', gallery.index),
    pictures: through('pictures', gallery.pictures),
    exclusive,
  }
}
