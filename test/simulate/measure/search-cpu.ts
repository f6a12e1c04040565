import { readdirSync, readFileSync } from 'node:fs'
import type { SearchCpu } from '../measured.ts'
import { ownProcesses } from './own-processes.ts'
import { costOf } from './process-cost.ts'

/** Of each part, all its processes together, so far. */
type PartTimes = Readonly<Record<keyof SearchCpu, number>>

/** Tells the parts of a cluster that this process has started by their command lines. */
const PARTS = [
  ['gateway', /apps\/gateway\//],
  ['redis', /redis-server/],
  ['index', /qdrant/],
  ['store', /mongo|ferret/],
] as const

/** Reads how long each part has had a core, and tells later what it took for each of so many searches. */
export function watchSearchCpu(threads: number): (searches: number) => SearchCpu {
  const before = partTimes(threads)
  return (searches) => {
    const after = partTimes(threads)
    const perSearch = (part: keyof SearchCpu) => (after[part] - before[part]) / searches
    return {
      gateway: perSearch('gateway'),
      redis: perSearch('redis'),
      store: perSearch('store'),
      index: perSearch('index'),
      inference: perSearch('inference'),
      workerRest: perSearch('workerRest'),
    }
  }
}

function partTimes(threads: number): PartTimes {
  const processes = ownProcesses()
  const sumOf = (pids: readonly number[]) => pids.reduce((sum, pid) => sum + costOf(pid).cpuMs, 0)
  const pidsOf = (command: RegExp) =>
    processes.filter((one) => command.test(one.command)).map(({ pid }) => pid)
  const workers = pidsOf(/apps\/worker\//)
  const inference = workers.reduce((sum, pid) => sum + busiestThreads(pid, threads), 0)
  const [gateway, redis, index, store] = PARTS.map(([, command]) => sumOf(pidsOf(command)))
  return {
    gateway: gateway!,
    redis: redis!,
    index: index!,
    store: store!,
    inference,
    workerRest: sumOf(workers) - inference,
  }
}

/** The inference threads of a worker: the busiest ones beside the main thread, which has the number of the process. */
function busiestThreads(pid: number, count: number): number {
  const times = readdirSync(`/proc/${pid}/task`)
    .filter((thread) => thread !== String(pid))
    .map((thread) => threadMs(`/proc/${pid}/task/${thread}/stat`))
  return times
    .toSorted((a, b) => b - a)
    .slice(0, count)
    .reduce((sum, ms) => sum + ms, 0)
}

/** Linux counts the time of threads in hundredths of a second. 0 for one that has ended. */
function threadMs(file: string): number {
  try {
    const text = readFileSync(file, 'utf8')
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * 10
  } catch {
    return 0
  }
}
