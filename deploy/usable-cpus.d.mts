/** See usable-cpus.mjs. */
export function usableCpus(root?: string): number
