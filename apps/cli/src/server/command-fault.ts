import { EXIT, type ExitCode } from '../command/exit-codes.ts'

/** Ends a command with a sentence for the person who started it; what was done stays. */
export class CommandFault extends Error {
  override readonly name = 'CommandFault'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode = EXIT.found) {
    super(message)
    this.exitCode = exitCode
  }
}

export function wrongUse(message: string): CommandFault {
  return new CommandFault(message, EXIT.wrongUse)
}
