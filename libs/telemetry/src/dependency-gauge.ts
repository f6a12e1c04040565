import { Gauge, type Registry } from 'prom-client'
import type { Dependencies } from './dependencies.ts'

/** `semblance_dependency_up`: asked at each scrape, as for a health check. */
export function dependencyGauge(registers: Registry[]): { set(dependencies: Dependencies): void } {
  let asked: Dependencies | null = null
  const gauge = new Gauge({
    name: 'semblance_dependency_up',
    help: '1 while what this process cannot serve without can be used, 0 while it cannot.',
    labelNames: ['name'],
    registers,
    collect: async () => {
      if (asked === null) return
      const missing = new Set((await asked.missing()).map(({ name }) => name))
      for (const name of asked.names) gauge.set({ name }, missing.has(name) ? 0 : 1)
    },
  })
  return {
    set: (dependencies) => {
      asked = dependencies
    },
  }
}
