import { say, untilToldToStop } from '@semblance/telemetry'
import type { Command } from 'commander'
import { baseUrl } from '../server/address.ts'
import { CommandFault } from '../server/command-fault.ts'
import { openClient, type ServerOptions } from '../server/open-client.ts'
import { ServerCalls } from '../server/server-calls.ts'
import { EXIT, type ExitCode } from './exit-codes.ts'
import { fileFaultForPeople } from './file-fault.ts'
import { withJsonOption } from './options.ts'

/** Attempts of a command that a person waits for: some seconds. */
export const ATTEMPTS = 4

export interface CommonOptions extends ServerOptions {
  readonly json: boolean
}

export interface ServerWork<Options> {
  readonly calls: ServerCalls
  readonly options: Options & CommonOptions
  /** Aborts at Ctrl-C. */
  readonly signal: AbortSignal
}

export interface CommandResult {
  /** What `--json` prints as `result`: JSON in one line. */
  readonly json: string
  /** What is printed otherwise. */
  readonly lines: readonly string[]
  /** `fine` if left out. */
  readonly exitCode?: ExitCode
}

/** The options that every command has that calls a server. */
export function withServerOptions(command: Command): Command {
  return withJsonOption(command)
    .option(
      '--url <url>',
      'base URL of the server (default: SEMBLANCE_URL, else http://127.0.0.1:41101)',
      baseUrl,
    )
    .option('--key-file <file>', 'file that holds the API key (default: SEMBLANCE_CLIENT_KEY)')
}

/**
 * What a command of docs/command.md does: it works, prints, and ends with a code that scripts can use. Null: it has
 * written its result to standard output.
 */
export function serverAction<Args extends readonly unknown[], Options>(
  run: (work: ServerWork<Options>, ...args: Args) => Promise<CommandResult | null>,
): (...given: unknown[]) => Promise<void> {
  return commandAction<Args, Options & CommonOptions>(async ({ options, signal }, ...args) => {
    const calls = new ServerCalls(await openClient(options, signal, { attempts: ATTEMPTS }))
    return run({ calls, options, signal }, ...args)
  })
}

/** The frame of all of them: what was asked, Ctrl-C, the result or the fault, and the exit code. */
export function commandAction<Args extends readonly unknown[], Options extends object>(
  run: (
    work: { readonly options: Options; readonly signal: AbortSignal },
    ...args: Args
  ) => Promise<CommandResult | null>,
): (...given: unknown[]) => Promise<void> {
  return async (...given) => {
    const command = given.at(-1) as Command
    const args = given.slice(0, -2) as unknown as Args
    const stopping = new AbortController()
    void untilToldToStop().then(() => stopping.abort(new CommandFault('stopped', EXIT.stopped)))
    const { signal } = stopping
    try {
      const result = await run({ options: command.opts<Options>(), signal }, ...args)
      if (result !== null) printResult(command, result)
    } catch (fault) {
      tellFault(command, signal.aborted ? signal.reason : fileFaultForPeople(fault))
    }
  }
}

/** One line of JSON, or lines for people; both on standard output. */
export function printResult(command: Command, { json, lines, exitCode = EXIT.fine }: CommandResult): void {
  process.exitCode = exitCode
  const { json: isJson } = command.opts<CommonOptions>()
  if (isJson) {
    const name = JSON.stringify(nameOf(command))
    process.stdout.write(`{"command":${name},"exitCode":${exitCode},"result":${json}}\n`)
  } else for (const line of lines) process.stdout.write(`${line}\n`)
}

/** Throws what is no fault for people. */
export function tellFault(command: Command, fault: unknown): void {
  if (isForPeople(fault)) say(`semblance ${nameOf(command)}: ${fault.message}`)
  endWith(command, fault)
}

/** Like `tellFault`, for a fault of which people have been told in other words. */
export function endWith(command: Command, fault: unknown): void {
  if (!isForPeople(fault)) throw fault
  const exitCode = fault instanceof CommandFault ? fault.exitCode : EXIT.wrongUse
  process.exitCode = exitCode
  if (!command.opts<CommonOptions>().json) return
  process.stdout.write(`${JSON.stringify({ command: nameOf(command), exitCode, fault: fault.message })}\n`)
}

function isForPeople(fault: unknown): fault is Error {
  return fault instanceof Error && ['CommandFault', 'ConfigError'].includes(fault.name)
}

/** `persons list`, for instance. */
function nameOf(command: Command): string {
  const { parent } = command
  return parent?.parent == null ? command.name() : `${nameOf(parent)} ${command.name()}`
}
