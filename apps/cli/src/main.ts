import { runProcess, say } from '@semblance/telemetry'
import { EXIT } from './command/exit-codes.ts'
import { semblanceProgram } from './program.ts'

await runProcess(async () => {
  try {
    await semblanceProgram().parseAsync()
  } catch (fault) {
    if (!(fault instanceof Error && fault.name === 'ConfigError')) throw fault
    say(`semblance: ${fault.message}`)
    process.exitCode = EXIT.wrongUse
  }
})
