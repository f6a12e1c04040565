import type { Assumptions } from '../assumptions.ts'
import type { ClusterPlan } from '../model/cluster-plan.ts'

const HOURS_A_MONTH = 730
/** Three machines of MongoDB and one of Redis: their size for this load was not measured. */
const STORES = { cores: 3 * 4 + 2, memoryGb: 3 * 16 + 4 }
/** Vectors, graph and the log of writes, by what lies in memory. */
const DISK_BY_MEMORY = 2

export interface Price {
  readonly cores: number
  readonly memoryGb: number
  readonly perMonth: number
}

/** By the assumed prices: pictures, traffic and people are not in it. */
export function priceOf(plan: ClusterPlan, assumptions: Assumptions): Price {
  const { gateways, workers, index } = plan
  const cores =
    gateways.count * gateways.cores +
    workers.count * workers.cores +
    index.nodes * index.coresPerNode +
    STORES.cores
  const indexGb = index.nodes * assumptions.nodeMemoryGb
  const memoryGb =
    gateways.count * assumptions.gatewayMemoryGb +
    workers.count * assumptions.workerMemoryGb +
    indexGb +
    STORES.memoryGb
  const perMonth =
    cores * HOURS_A_MONTH * assumptions.vcpuHour +
    memoryGb * assumptions.memoryGbMonth +
    indexGb * DISK_BY_MEMORY * assumptions.diskGbMonth
  return { cores, memoryGb, perMonth }
}
