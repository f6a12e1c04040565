import { runProcess } from '@semblance/telemetry'
import { semblanceProgram } from './program.ts'

await runProcess(async () => {
  await semblanceProgram().parseAsync()
})
