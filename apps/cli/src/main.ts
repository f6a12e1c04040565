import { runProcess } from '@semblance/telemetry'
import { Command } from 'commander'
import { addIndexCommands } from './index-commands.ts'

const program = new Command('semblance').description('Tools for operators of Semblance')
addIndexCommands(program)
await runProcess(async () => {
  await program.parseAsync()
})
