import type { Command } from 'commander'
import { namesCluster } from '../names-cluster.ts'

/** `semblance index ...`: the vectors of a cluster against the records that they come from. */
export function addIndexCommands(program: Command): void {
  const index = program
    .command('index')
    .description("the cluster's vector index, which can always be made again from the stored descriptors")
  index
    .command('verify')
    .description('compare the index with the store; exits with 1 if they differ and nothing was repaired')
    .option(
      '--repair',
      'add what is missing, remove what should not be there, set aside pictures without a record',
      false,
    )
    .action((options: { readonly repair: boolean }) =>
      loadWork().then(({ verifyOrRepair }) => verifyOrRepair(options.repair)),
    )
  index
    .command('rebuild')
    .description('build a new index beside the old one and let it serve; searches go on all the time')
    .action(() => loadWork().then(({ rebuild }) => rebuild()))
  index.hook('preAction', refuseStandalone)
}

/** Whoever runs one process looks for the command of the other shape here. */
function refuseStandalone(): void {
  if (namesCluster()) return
  throw new NoCluster(
    'semblance index is about a cluster, and SEMBLANCE_MONGO_URL names none. The standalone server makes its index anew from the database at each start: restart it to rebuild, and use "semblance verify" to check its data folder',
  )
}

/** `runProcess` knows it by its name and tells it in one line. */
class NoCluster extends Error {
  override readonly name = 'ConfigError'
}

/** It takes a while to load, and other commands do without. */
function loadWork() {
  return import('./index-work.ts')
}
