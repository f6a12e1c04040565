import type { Command } from 'commander'

/** `semblance verify`: is everything that is stored whole? */
export function addVerifyCommand(program: Command): void {
  program
    .command('verify')
    .description(
      'read every record and picture, compare them, and change nothing; a server may be running. With the variables of a cluster set it looks at that, else at the data folder. One JSON line for each finding and one for the sum; exits with 1 if anything was found',
    )
    .option('--data <folder>', "standalone's data folder (default: SEMBLANCE_DATA, else ./data)")
    .action(async (options: { readonly data?: string }) => {
      // What it needs takes a while to load, and other commands do without.
      const { verifyStores } = await import('./verify-stores.ts')
      await verifyStores(options.data)
    })
}
