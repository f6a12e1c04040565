import type { Command } from 'commander'
import { addBackupCommands } from './backup/backup-commands.ts'
import { bareProgram } from './command/bare-program.ts'
import { addDevClusterCommand } from './dev-cluster/dev-cluster-command.ts'
import { addDoctorCommand } from './doctor/doctor-command.ts'
import { addDuplicateCommands } from './duplicates/duplicate-commands.ts'
import { addEvaluateCommand } from './evaluate/evaluate-command.ts'
import { addExportCommand } from './export/export-command.ts'
import { addStatsCommand } from './gallery/stats-command.ts'
import { addGroupCommands } from './groups/group-commands.ts'
import { addImportCommand } from './import/import-command.ts'
import { addImportListCommands } from './imports/import-list-commands.ts'
import { addIndexCommands } from './index-of-cluster/index-commands.ts'
import { addMigrateCommand } from './migrate/migrate-command.ts'
import { addOperationCommands } from './operations/operation-commands.ts'
import { addPersonCommands } from './persons/person-commands.ts'
import { addPrepareCommand } from './prepare/prepare-command.ts'
import { addServerCommands } from './programs/server-commands.ts'
import { addRedescribeCommands } from './redescribe/redescribe-commands.ts'
import { addSearchCommand } from './search/search-command.ts'
import { addVerifyCommand } from './verify/verify-command.ts'

/** `semblance` with all of its commands. */
export function semblanceProgram(): Command {
  const program = bareProgram()
  addServerCommands(program)
  addSearchCommand(program)
  addStatsCommand(program)
  addPersonCommands(program)
  addGroupCommands(program)
  addImportCommand(program)
  addImportListCommands(program)
  addExportCommand(program)
  addDuplicateCommands(program)
  addOperationCommands(program)
  addRedescribeCommands(program)
  addDoctorCommand(program)
  addEvaluateCommand(program)
  addPrepareCommand(program)
  addIndexCommands(program)
  addVerifyCommand(program)
  addBackupCommands(program)
  addMigrateCommand(program)
  addDevClusterCommand(program)
  return program
}
