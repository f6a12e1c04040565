/** What command lines end with that were not used as they are meant to be. */
const WRONG_USE = 2

/** Says what is wrong and how the command is used, and ends the process: whoever mistyped a word needs no stack. */
export function endWithUsage(problem: string, usage: string): never {
  console.error(`${problem}\n\n${usage}`)
  process.exit(WRONG_USE)
}

/** What `parse` gives; ends the process with its complaint and the usage if it throws. */
export function orUsage<T>(parse: () => T, usage: string): T {
  try {
    return parse()
  } catch (error) {
    // Node goes on with advice on its own syntax after the first sentence.
    const [problem = ''] = (error instanceof Error ? error.message : String(error)).split('. ')
    return endWithUsage(problem, usage)
  }
}
