import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SHARE_ENV, Worker } from 'node:worker_threads'
import type { PackNetworks } from '../../inference-thread/load-networks.ts'

/** This file's own ending tells whether we run from the sources or from a build. */
const ENTRY = new URL(
  `../../inference-thread/inference-thread${extname(fileURLToPath(import.meta.url))}`,
  import.meta.url,
)

export function startInferenceThread(pack: PackNetworks): Worker {
  // The environment is that of the process, not a copy: see silence-runtime.ts.
  return new Worker(ENTRY, { workerData: pack, name: 'inference', env: SHARE_ENV })
}
