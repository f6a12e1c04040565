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
  const { semblanceProgram } = await import('./program.ts')
  try {
    await semblanceProgram().parseAsync()
  } catch (fault) {
    if (!(fault instanceof Error && fault.name === 'ConfigError')) throw fault
    say(`semblance: ${fault.message}`)
    process.exitCode = EXIT.wrongUse
  }
}
