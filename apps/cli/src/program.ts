import { Command } from 'commander'
import { EXIT } from './command/exit-codes.ts'
import { addDevClusterCommand } from './dev-cluster/dev-cluster-command.ts'
import { addDoctorCommand } from './doctor/doctor-command.ts'
import { addDuplicateCommands } from './duplicates/duplicate-commands.ts'
import { addExportCommand } from './export/export-command.ts'
import { addStatsCommand } from './gallery/stats-command.ts'
import { addGroupCommands } from './groups/group-commands.ts'
import { addImportCommand } from './import/import-command.ts'
import { addImportListCommands } from './imports/import-list-commands.ts'
import { addIndexCommands } from './index-commands.ts'
import { addMigrateCommand } from './migrate/migrate-command.ts'
import { addPersonCommands } from './persons/person-commands.ts'
import { addSearchCommand } from './search/search-command.ts'
import { addVerifyCommand } from './verify/verify-command.ts'

/** `semblance` with all of its commands. */
export function semblanceProgram(): Command {
  const program = new Command('semblance')
    .description('Face identification: a server, and tools for whoever fills and runs it')
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.fine : EXIT.wrongUse))
    .addHelpText('after', EXIT_CODES)
  addSearchCommand(program)
  addStatsCommand(program)
  addPersonCommands(program)
  addGroupCommands(program)
  addImportCommand(program)
  addImportListCommands(program)
  addExportCommand(program)
  addDuplicateCommands(program)
  addDoctorCommand(program)
  addIndexCommands(program)
  addVerifyCommand(program)
  addMigrateCommand(program)
  addDevClusterCommand(program)
  return program
}

const EXIT_CODES = `
Exit codes: 0 fine; 1 something was found or failed in the data; 2 wrong use; 3 the server cannot be reached, does not
serve, or takes no such key; 130 after Ctrl-C.`
