import { createInterface } from 'node:readline/promises'
import { wrongUse } from '../server/command-fault.ts'

/** Asks whoever sits at the terminal to type the number. Throws where there is no terminal, or another number comes. */
export async function confirmCount(
  asked: { readonly what: string; readonly count: number },
  signal: AbortSignal,
): Promise<void> {
  const { what, count } = asked
  if (!process.stdin.isTTY || !process.stderr.isTTY)
    throw wrongUse(`${what}, and nobody is here to confirm it: add --yes --count ${count}`)
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  // In a terminal that is read from, Ctrl-C is a key and no signal.
  terminal.on('SIGINT', () => process.emit('SIGINT', 'SIGINT'))
  try {
    const typed = await terminal.question(`${what}. Type the number of persons to go on: `, { signal })
    if (typed.trim() !== String(count)) throw wrongUse('nothing was deleted')
  } finally {
    terminal.close()
  }
}
