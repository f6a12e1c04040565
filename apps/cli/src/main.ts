import { runProcess } from '@semblance/telemetry'
import { Command } from 'commander'
import { addIndexCommands } from './index-commands.ts'
import { addMigrateCommand } from './migrate/migrate-command.ts'
import { addVerifyCommand } from './verify/verify-command.ts'

const program = new Command('semblance').description('Tools for operators of Semblance')
addIndexCommands(program)
addVerifyCommand(program)
addMigrateCommand(program)
await runProcess(async () => {
  await program.parseAsync()
})
