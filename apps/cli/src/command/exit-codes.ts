/** What a command ends with; docs/command.md has the table. */
export const EXIT = {
  fine: 0,
  /** It ran, and something in the data was found wrong, or could not be done. */
  found: 1,
  /** Arguments, settings or files that the command was given are wrong. */
  wrongUse: 2,
  /** The server cannot be reached, does not serve, or takes no such key. */
  noServer: 3,
  /** The code by which shells count a death by Ctrl-C. */
  stopped: 130,
} as const

export type ExitCode = (typeof EXIT)[keyof typeof EXIT]
