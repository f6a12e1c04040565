import type { GalleryPorts } from './gallery-ports.ts'
import type { ObserveStage } from './ports/observer.ts'
import type { TraceStep, Tracing } from './ports/tracing.ts'
import { currentScope, runInScope, type WorkScope } from './work-scope.ts'

const NOBODYS: WorkScope = { fail: () => false }

/** The step of a trace that is being done now; null where nothing is traced. */
export function currentTrace(): TraceStep | null {
  return currentScope()?.trace ?? null
}

/** The work goes on in its scope; what it does from here on belongs to the step. */
export function runInStep<T>(trace: TraceStep, work: () => T): T {
  return runInScope({ ...(currentScope() ?? NOBODYS), trace }, work)
}

/** Stages are told to the trace of their job, too. */
export function tracedStages(observe: ObserveStage): ObserveStage {
  return (stage, seconds) => {
    observe(stage, seconds)
    currentTrace()?.note(stage, seconds)
  }
}

/** The same gallery, whose stores tell each call as a step of the trace that it belongs to; itself without tracing. */
export function tracedGallery<T extends Pick<GalleryPorts, 'records' | 'index' | 'pictures'>>(
  gallery: T,
  tracing: Tracing | null,
): T {
  if (tracing === null) return gallery
  const { records, index, pictures } = gallery
  const { persons, images, descriptors, groups, feedback, settings, overdue } = records
  const tracedRecords = Object.assign(tracedPort(records, 'store'), {
    persons: tracedPort(persons, 'store persons'),
    images: tracedPort(images, 'store images'),
    descriptors: tracedPort(descriptors, 'store descriptors'),
    groups: tracedPort(groups, 'store groups'),
    feedback: tracedPort(feedback, 'store feedback'),
    settings: tracedPort(settings, 'store settings'),
    overdue,
  })
  return {
    ...gallery,
    records: tracedRecords,
    index: tracedPort(index, 'index'),
    pictures: tracedPort(pictures, 'pictures'),
  }
}

/** Each method that answers a promise, as one step; what belongs to no trace is called as it is. */
function tracedPort<T extends object>(port: T, name: string): T {
  const own: Record<PropertyKey, unknown> = {}
  return new Proxy(port, {
    set: (_, member, value) => {
      own[member] = value
      return true
    },
    get: (target, member) => {
      if (Object.hasOwn(own, member)) return own[member]
      const value: unknown = Reflect.get(target, member, target)
      if (typeof value !== 'function') return value
      return (...args: readonly unknown[]) => {
        const step = currentTrace()?.begin(`${name}.${String(member)}`)
        const call = () => Reflect.apply(value, target, args)
        if (step === undefined) return call()
        try {
          return ended(step, runInStep(step, call))
        } catch (fault) {
          step.end({ fault })
          throw fault
        }
      }
    },
  })
}

function ended(step: { end(outcome?: { readonly fault?: unknown }): void }, answer: unknown): unknown {
  if (!(answer instanceof Promise)) {
    step.end()
    return answer
  }
  return answer.then(
    (value) => {
      step.end()
      return value
    },
    (fault) => {
      step.end({ fault })
      throw fault
    },
  )
}
