import { expect, it } from 'vitest'
import { type Random, randomOf } from '../engine/random.ts'
import { Simulation } from '../engine/simulation.ts'
import { Host } from './host.ts'
import { Threads } from './threads.ts'

const SERVICE_MS = 40
const ARRIVALS = 60_000

// Queues whose mean times have a formula: a model that misses them is wrong, whatever it says of a cluster.

it.each([
  { servers: 1, load: 0.7 },
  { servers: 2, load: 0.8 },
  { servers: 8, load: 0.9 },
])('$servers threads at $load of their capacity wait as long as Erlang C says', ({ servers, load }) => {
  const mean = meanTimeMs({ rate: (load * servers) / SERVICE_MS, seed: 11 }, (simulation) => {
    const host = new Host(simulation, servers)
    const threads = new Threads(simulation, { host, count: servers })
    return (cpuMs, done) => threads.run({ lane: 'search', cpuMs, done })
  })
  const waitMs = (erlangC(servers, load) * SERVICE_MS) / (servers * (1 - load))
  expect(mean / (SERVICE_MS + waitMs)).toBeGreaterThan(0.94)
  expect(mean / (SERVICE_MS + waitMs)).toBeLessThan(1.06)
})

it.each([
  0.5, 0.8,
])('tasks that share one core at %s of it take as long as processor sharing says', (load) => {
  const mean = meanTimeMs({ rate: load / SERVICE_MS, seed: 14 }, (simulation) => {
    const host = new Host(simulation, 1)
    return (cpuMs, done) => host.work(cpuMs, done)
  })
  expect(mean / (SERVICE_MS / (1 - load))).toBeGreaterThan(0.94)
  expect(mean / (SERVICE_MS / (1 - load))).toBeLessThan(1.06)
})

it('a task gets no more than one core, and less if others want it', () => {
  const simulation = new Simulation()
  const host = new Host(simulation, 2)
  const ended: number[] = []
  host.work(100, () => ended.push(simulation.now))
  simulation.runUntil(50)
  for (let i = 0; i < 3; i++) host.work(1_000, () => {})
  simulation.runUntil(1_000)
  // 50 ms alone, and the other 50 ms at half a core: two cores for four tasks.
  expect(ended).toEqual([150])
  expect(host.busyMs).toBe(50 + 2 * 950)
})

it('a container of half a core takes twice the time', () => {
  const simulation = new Simulation()
  const host = new Host(simulation, 0.5)
  let endedAt = 0
  host.work(30, () => (endedAt = simulation.now))
  simulation.runUntil(1_000)
  expect(endedAt).toBe(60)
})

it('searches go before enrollments, and still leave them one start in eight once they have waited', () => {
  const simulation = new Simulation()
  const threads = new Threads(simulation, { host: new Host(simulation, 1), count: 1 })
  const ran: string[] = []
  const run = (lane: 'search' | 'enroll') => {
    threads.run({
      lane,
      cpuMs: 100,
      done: () => {
        ran.push(lane)
        if (lane === 'search') run('search')
      },
    })
  }
  run('search')
  run('search')
  threads.run({ lane: 'enroll', cpuMs: 100, done: () => ran.push('enroll') })
  simulation.runUntil(1_900)
  expect(ran).not.toContain('enroll')
  simulation.runUntil(4_000)
  expect(ran.filter((lane) => lane === 'enroll')).toEqual(['enroll'])
})

type Serve = (cpuMs: number, done: () => void) => void

/** Of many tasks of exponential length that know nothing of each other. */
function meanTimeMs(
  load: { readonly rate: number; readonly seed: number },
  serverIn: (simulation: Simulation) => Serve,
): number {
  const simulation = new Simulation()
  const random: Random = randomOf(load.seed)
  const serve = serverIn(simulation)
  let [sum, ended, asked] = [0, 0, 0]
  const ask = () => {
    const at = simulation.now
    serve(random.exponential(SERVICE_MS), () => {
      sum += simulation.now - at
      ended += 1
    })
    asked += 1
    if (asked < ARRIVALS) simulation.after(random.exponential(1 / load.rate), ask)
  }
  ask()
  simulation.runUntil(Number.MAX_SAFE_INTEGER)
  expect(ended).toBe(ARRIVALS)
  return sum / ended
}

/** The share of those who have to wait. */
function erlangC(servers: number, load: number): number {
  const offered = servers * load
  let term = 1
  let sum = 1
  for (let n = 1; n < servers; n++) {
    term *= offered / n
    sum += term
  }
  const last = (term * offered) / servers / (1 - load)
  return last / (sum + last)
}
