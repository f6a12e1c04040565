import type { Command } from 'commander'
import { localAction } from '../command/local-action.ts'
import { withJsonOption } from '../command/options.ts'
import { namesCluster } from '../names-cluster.ts'
import { wrongUse } from '../server/command-fault.ts'

/** `semblance index ...`: the vectors of a cluster against the records that they come from. */
export function addIndexCommands(program: Command): void {
  const index = program
    .command('index')
    .description("the cluster's vector index, which can always be made again from the stored descriptors")
  withJsonOption(index.command('verify'))
    .description('compare the index with the store; exits with 1 if they differ and nothing was repaired')
    .option(
      '--repair',
      'add what is missing, remove what should not be there, set aside pictures without a record',
      false,
    )
    .addHelpText('after', VERIFY_HELP)
    .action(
      localAction<[], { readonly repair: boolean }>(async ({ options, signal }) => {
        const { verifyOrRepair } = await loadWork()
        return verifyOrRepair(options.repair, signal)
      }),
    )
  withJsonOption(index.command('rebuild'))
    .description('build a new index beside the old one and let it serve; searches go on all the time')
    .addHelpText('after', '\nExample:\n  semblance index rebuild')
    .action(
      localAction<[], object>(async ({ signal }) => {
        const { rebuild } = await loadWork()
        return rebuild(signal)
      }),
    )
}

const VERIFY_HELP = `
What is counted:
  missing   images of the store that the index has no vector of: no search finds them
  surplus   vectors without an image in the store
  stale     vectors that name another person, other groups, another name or external id than the store

Example:
  semblance index verify --repair`

/** It takes a while to load, and other commands do without. Whoever runs one process may look for its command here. */
function loadWork() {
  if (!namesCluster())
    throw wrongUse(
      'it is about the index of a cluster, and SEMBLANCE_MONGO_URL names none. The standalone server makes its index anew from the database at each start: restart it to rebuild, and use "semblance verify" to check its data folder',
    )
  return import('./index-work.ts')
}
