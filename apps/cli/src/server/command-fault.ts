/** Ends a command with a sentence for the person who started it; what was done stays. */
export class CommandFault extends Error {
  override readonly name = 'CommandFault'
}
