import { Command } from 'commander'
import { addDevClusterCommand } from './dev-cluster/dev-cluster-command.ts'
import { addImportCommand } from './import/import-command.ts'
import { addIndexCommands } from './index-commands.ts'
import { addMigrateCommand } from './migrate/migrate-command.ts'
import { addVerifyCommand } from './verify/verify-command.ts'

/** `semblance` with all of its commands. */
export function semblanceProgram(): Command {
  const program = new Command('semblance').description('Tools for operators of Semblance')
  addImportCommand(program)
  addIndexCommands(program)
  addVerifyCommand(program)
  addMigrateCommand(program)
  addDevClusterCommand(program)
  return program
}
