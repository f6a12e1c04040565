// What Node and the C library read before any code of ours runs. Whatever starts a program of ours takes it from here.
import { availableParallelism } from 'node:os'
import { usableCpus } from './usable-cpus.mjs'

/** For glibc, which otherwise keeps for itself what loading the networks and each picture have freed. */
export const SPARING_MALLOC = {
  MALLOC_MMAP_THRESHOLD_: '65536',
  MALLOC_TRIM_THRESHOLD_: '131072',
  MALLOC_ARENA_MAX: '2',
}

/**
 * The environment for a Node that runs code of ours; what `env` sets otherwise stays so, except for telemetry.
 * @param {string} cacheFolder where Node keeps compiled sources
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function nodeEnvironment(cacheFolder, env) {
  const cpus = usableCpus()
  return {
    // Pictures are decoded on libuv's pool, on one and a half times as many threads as there are processors at most; files
    // and names need some, too.
    UV_THREADPOOL_SIZE: String(4 + Math.ceil(1.5 * cpus)),
    // The default of this setting is what Node counts, which is too much under a container's limit.
    ...(cpus < availableParallelism() ? { SEMBLANCE_THREADS: String(cpus) } : {}),
    // Compiled sources, types stripped: halves the processor time of a start.
    NODE_COMPILE_CACHE: cacheFolder,
    ...SPARING_MALLOC,
    ...env,
    // The runtime of the networks must not report to its maker; libs/engine sees to it, too.
    ORT_DISABLE_TELEMETRY: '1',
  }
}

/**
 * For programs, not for tests. V8 lets the youngest objects of each of a server's threads grow to 48 MB before it looks
 * through them. With the settings of malloc: 407 MB at rest for 482, 497 after 150 searches for 594, each search as
 * fast, the lightest requests a tenth slower.
 * @param {string} cacheFolder where Node keeps compiled sources
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function programEnvironment(cacheFolder, env) {
  const { NODE_OPTIONS = '', ...rest } = nodeEnvironment(cacheFolder, env)
  return { ...rest, NODE_OPTIONS: `--max-semi-space-size=2 ${NODE_OPTIONS}`.trim() }
}

/**
 * An empty setting counts as not set, as in the server: compose files leave them so.
 * @param {Readonly<Record<string, string | undefined>>} env
 */
export function withoutEmptySettings(env) {
  const isSet = ([name, value]) => !(name.startsWith('SEMBLANCE_') && value === '')
  return Object.fromEntries(Object.entries(env).filter(isSet))
}
