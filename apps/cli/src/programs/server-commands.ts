import { pathToFileURL } from 'node:url'
import type { Command } from 'commander'
import { programEntry, type ServerApp } from './program-entry.ts'

interface ServerCommand {
  readonly app: ServerApp
  readonly does: string
}

const SERVERS: Readonly<Record<string, ServerCommand>> = {
  start: { app: 'standalone', does: 'run the standalone server: one process over a data folder' },
  gateway: { app: 'gateway', does: 'run a gateway of a cluster, which takes the calls' },
  worker: { app: 'worker', does: 'run a worker of a cluster, which runs the networks' },
}

/** `semblance start`, `gateway` and `worker`: this very process becomes the server. */
export function addServerCommands(program: Command): void {
  for (const [name, { app, does }] of Object.entries(SERVERS))
    program
      .command(name)
      .description(`${does}. Its settings are variables of the environment; Ctrl-C stops it`)
      .addHelpText('after', `\nExample:\n  semblance ${name}`)
      .action(async () => {
        // By its address, since no app imports another; the program takes the process over.
        await import(pathToFileURL(programEntry(app)).href)
      })
}

/** Whether the arguments of the process ask for a server, which judges its own faults. */
export function asksForServer(args: readonly string[]): boolean {
  return Object.hasOwn(SERVERS, args[0] ?? '')
}
