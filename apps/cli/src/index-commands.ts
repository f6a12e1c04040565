import { rebuildIndex, sweepOrphanPictures, verifyIndex } from '@semblance/core'
import { say } from '@semblance/telemetry'
import type { Command } from 'commander'
import { withCluster } from './with-cluster.ts'

/** A picture is written before its record is `ready`: younger ones may belong to an enrollment under way. */
const ORPHAN_AGE_MS = 3_600_000
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
    .option(
      '--repair',
      'add what is missing, remove what should not be there, pictures without a record included',
      false,
    )
    .action((options: { readonly repair: boolean }) => verify(options.repair))
  index
    .command('rebuild')
    .description('build a new index beside the old one and let it serve; searches go on all the time')
    .action(rebuild)
}

async function verify(repair: boolean): Promise<void> {
  const { found, swept } = await withCluster(async ({ gallery, signal }) => ({
    found: await verifyIndex(gallery, { repair, signal, onProgress: progress('compared') }),
    swept: repair ? await sweepOrphanPictures(gallery, { untouchedMs: ORPHAN_AGE_MS, signal }) : null,
  }))
  print(swept === null ? found : { ...found, picturesSwept: swept })
  if (found.missing + found.surplus + found.stale > found.repaired) process.exitCode = 1
}

async function rebuild(): Promise<void> {
  const made = await withCluster(({ gallery, signal }) =>
    rebuildIndex(gallery, { signal, onProgress: progress('written') }),
  )
  print(made)
}

function print(result: object): void {
  process.stdout.write(`${JSON.stringify(result)}\n`)
}

function progress(verb: string): (count: number) => void {
  let said = 0
  return (count) => {
    if (count - said < SAY_EVERY) return
    said = count
    say(`${count} ${verb}`)
  }
}
