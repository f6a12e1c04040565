import { EXIT, type ExitCode } from '../command/exit-codes.ts'

/** Ends a command with a sentence for the person who started it; what was done stays. */
export class CommandFault extends Error {
  override readonly name = 'CommandFault'
  readonly exitCode: ExitCode
  /** Of the server's refusal; null for any other fault. */
  readonly status: number | null

  constructor(message: string, exitCode: ExitCode = EXIT.found, status: number | null = null) {
    super(message)
    this.exitCode = exitCode
    this.status = status
  }
}

export function wrongUse(message: string): CommandFault {
  return new CommandFault(message, EXIT.wrongUse)
}
