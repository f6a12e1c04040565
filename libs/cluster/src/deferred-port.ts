import type { AppError } from '@semblance/core'

export interface DeferredPort<T extends object> {
  /** Every call is refused until the real one is there. */
  readonly port: T
  /** From now on calls go to this one. */
  arrive(real: T): void
}

/**
 * A port whose adapter is not open yet, because its server is not: whoever calls meanwhile gets the fault that a lost
 * server gives, so that a process can answer from its first moment. Only methods that answer a promise may be called.
 */
export function deferredPort<T extends object>(unavailable: (cause: Error) => AppError): DeferredPort<T> {
  let real: T | null = null
  const port = new Proxy({} as T, {
    get: (_, name) => {
      // A port that is awaited by mistake, or by `Promise.resolve`, must not look like a promise.
      if (name === 'then') return undefined
      if (real === null) return () => Promise.reject(unavailable(new Error('it is not connected yet')))
      const member: unknown = Reflect.get(real, name)
      return typeof member === 'function' ? member.bind(real) : member
    },
  })
  return {
    port,
    arrive: (adapter) => {
      real = adapter
    },
  }
}
