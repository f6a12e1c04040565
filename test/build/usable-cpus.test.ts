import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { usableCpus } from '../../deploy/usable-cpus.mjs'

const all = availableParallelism()
let root: string

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'semblance-cpus-'))
})

afterEach(() => {
  rmSync(root, { recursive: true })
})

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}

describe('usableCpus', () => {
  it('counts what Node counts where nothing is limited', () => {
    expect(usableCpus(root)).toBe(all)
    put({ 'proc/self/cgroup': '0::/user\n', 'sys/fs/cgroup/user/cpu.max': 'max 100000\n' })
    expect(usableCpus(root)).toBe(all)
  })

  it('takes the limit of a container, version 2', () => {
    put({ 'proc/self/cgroup': '0::/\n', 'sys/fs/cgroup/cpu.max': '50000 100000\n' })
    expect(usableCpus(root)).toBe(1)
  })

  it('takes the least limit on the way to the root, version 2', () => {
    put({
      'proc/self/cgroup': '0::/slice/unit\n',
      'sys/fs/cgroup/slice/cpu.max': '90000 100000\n',
      'sys/fs/cgroup/slice/unit/cpu.max': 'max 100000\n',
    })
    expect(usableCpus(root)).toBe(1)
  })

  it.each([
    'cpu',
    'cpu,cpuacct',
  ])('takes the limit of a container, version 1, where the controller is %s', (controller) => {
    put({
      'proc/self/cgroup': `4:${controller}:/pods/outside-of-what-is-seen\n1:name=systemd:/\n`,
      [`sys/fs/cgroup/${controller}/cpu.cfs_quota_us`]: '100000\n',
      [`sys/fs/cgroup/${controller}/cpu.cfs_period_us`]: '100000\n',
    })
    expect(usableCpus(root)).toBe(1)
  })

  it('reads a quota of -1 as no limit, and a part of a processor as a whole one', () => {
    put({
      'proc/self/cgroup': '4:cpu:/a\n',
      'sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n',
      'sys/fs/cgroup/cpu/cpu.cfs_period_us': '100000\n',
    })
    expect(usableCpus(root)).toBe(all)
    put({
      'sys/fs/cgroup/cpu/a/cpu.cfs_quota_us': `${all * 100_000 - 50_000}\n`,
      'sys/fs/cgroup/cpu/a/cpu.cfs_period_us': '100000\n',
    })
    expect(usableCpus(root)).toBe(all)
  })
})
