import { rebuildIndex, verifyIndex } from '@semblance/core'
import { say } from '@semblance/telemetry'
import type { Command } from 'commander'
import { withCluster } from './with-cluster.ts'

/** Of lines about progress. */
const SAY_EVERY = 10_000

/** `semblance index ...`: the vectors of a cluster against the records that they come from. */
export function addIndexCommands(program: Command): void {
  const index = program
    .command('index')
    .description("the cluster's vector index, which can always be made again from the stored descriptors")
  index
    .command('verify')
    .description('compare the index with the store; exits with 1 if they differ and nothing was repaired')
    .option('--repair', 'add what is missing, remove what should not be there', false)
    .action((options: { readonly repair: boolean }) => verify(options.repair))
  index
    .command('rebuild')
    .description('build a new index beside the old one and let it serve; searches go on all the time')
    .action(rebuild)
}

async function verify(repair: boolean): Promise<void> {
  const found = await withCluster(({ gallery, signal }) =>
    verifyIndex(gallery, { repair, signal, onProgress: progress('compared') }),
  )
  process.stdout.write(`${JSON.stringify(found)}\n`)
  const differs = found.missing + found.surplus > 0
  if (differs && !repair) process.exitCode = 1
}

async function rebuild(): Promise<void> {
  const made = await withCluster(({ gallery, signal }) =>
    rebuildIndex(gallery, { signal, onProgress: progress('written') }),
  )
  process.stdout.write(`${JSON.stringify(made)}\n`)
}

function progress(verb: string): (count: number) => void {
  let said = 0
  return (count) => {
    if (count - said < SAY_EVERY) return
    said = count
    say(`${count} ${verb}`)
  }
}
