// How many processors this process may use. Node counts those of the machine, and does not see the limit of a container.
import { readFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'

/**
 * Processors that may be used, at least 1: the least of what the scheduler allows and of every limit on the way from this
 * process's control group to the root. A part of a processor counts as a whole one, so that a limit of 1.5 is used up.
 * @param {string} root where the system shows control groups and processes; `/` outside tests
 * @returns {number}
 */
export function usableCpus(root = '/') {
  const limits = [...limitsOfVersion2(root), ...limitsOfVersion1(root)]
  return Math.max(1, Math.ceil(Math.min(availableParallelism(), ...limits)))
}

/** `cpu.max` holds the quota, or `max`, and the period, in microseconds. */
function* limitsOfVersion2(root) {
  for (const folder of foldersOf(root, '')) {
    const [quota, period] = (read(join(root, 'sys/fs/cgroup', folder, 'cpu.max')) ?? 'max').split(' ')
    yield limitOf(quota, period)
  }
}

/** The quota is -1 where there is none. The controller's folder has one of two names, by the system. */
function* limitsOfVersion1(root) {
  for (const controller of ['cpu', 'cpu,cpuacct']) {
    for (const folder of foldersOf(root, controller)) {
      const at = join(root, 'sys/fs/cgroup', controller, folder)
      yield limitOf(read(join(at, 'cpu.cfs_quota_us')), read(join(at, 'cpu.cfs_period_us')))
    }
  }
}

/**
 * The folder of this process's group, and those above it. In a container the group that the process is told may lie
 * outside of what it sees; then its own limit stands at the top.
 */
function foldersOf(root, controller) {
  const lines = (read(join(root, 'proc/self/cgroup')) ?? '').split('\n').map((line) => line.split(':'))
  const own = lines.find(([, controllers]) =>
    controller === '' ? controllers === '' : controllers?.split(',').includes('cpu'),
  )
  const names = (own?.slice(2).join(':') ?? '').split('/').filter((name) => name !== '')
  return names.map((_, depth) => join(...names.slice(0, depth + 1))).concat('')
}

function limitOf(quota, period) {
  const limit = Number(quota) / Number(period)
  return limit > 0 ? limit : Number.POSITIVE_INFINITY
}

function read(file) {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch {
    // The system has no such group; then it sets no limit either.
    return undefined
  }
}
