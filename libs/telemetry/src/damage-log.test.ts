import { Registry } from 'prom-client'
import { expect, it } from 'vitest'
import { createDamageLog } from './damage-log.ts'
import { createKeepingMetrics } from './keeping-metrics.ts'

function aLog() {
  const lines: object[] = []
  const registry = new Registry()
  const logger = { error: (fields: object) => lines.push(fields) }
  const observe = createDamageLog({ logger: logger as never, metrics: createKeepingMetrics(registry) })
  return { lines, observe, metrics: () => registry.metrics() }
}

it('names each record once, and counts how many there are', async () => {
  const { lines, observe, metrics } = aLog()
  for (const id of ['a', 'b', 'a']) observe({ kind: 'image', id, why: 'it is short' })
  expect(lines).toEqual([
    { kind: 'image', id: 'a', why: 'it is short' },
    { kind: 'image', id: 'b', why: 'it is short' },
  ])
  expect(await metrics()).toContain('semblance_set_aside_records{kind="image"} 2')
})

it('counts each read of a damaged picture, and names it once', async () => {
  const { lines, observe, metrics } = aLog()
  for (let n = 0; n < 3; n++) observe({ kind: 'picture', id: 'a', why: 'another length' })
  expect(lines).toHaveLength(1)
  expect(await metrics()).toContain('semblance_damaged_pictures_total 3')
})

it('is bounded where everything is damaged', async () => {
  const { lines, observe, metrics } = aLog()
  for (let n = 0; n < 20_000; n++) observe({ kind: 'image', id: String(n), why: 'it is short' })
  expect(lines).toHaveLength(101)
  expect(await metrics()).toContain('semblance_set_aside_records{kind="image"} 10000')
})

it('shows nothing before it has looked', async () => {
  expect(await aLog().metrics()).not.toMatch(/^semblance_(set_aside|missing|database)/m)
})
