import { runProcess, say } from '@semblance/telemetry'
import { bareProgram } from './command/bare-program.ts'
import { EXIT } from './command/exit-codes.ts'
import { addServerCommands, asksForServer } from './programs/server-commands.ts'

// A server sees to its own end: two judges of one process would contradict each other. It also does without what other
// commands load.
if (asksForServer(process.argv.slice(2))) {
  const program = bareProgram()
  addServerCommands(program)
  await program.parseAsync()
} else await runProcess(runCommand)

async function runCommand(): Promise<void> {
  process.stdout.on('error', endWithoutResult)
  const { semblanceProgram } = await import('./program.ts')
  try {
    const program = await semblanceProgram(process.argv.slice(2))
    await program.parseAsync()
  } catch (fault) {
    if (!(fault instanceof Error && fault.name === 'ConfigError')) throw fault
    say(`semblance: ${fault.message}`)
    process.exitCode = EXIT.wrongUse
  }
}

/** A script must not take half a result for a whole one. Whoever reads no further has what they want. */
function endWithoutResult({ code }: NodeJS.ErrnoException): void {
  if (code === 'EPIPE') return
  process.exitCode = EXIT.wrongUse
  say(`semblance: standard output cannot be written (${code})`)
}
