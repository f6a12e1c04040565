import type { Command } from 'commander'
import { bareProgram } from './command/bare-program.ts'
import { addServerCommands } from './programs/server-commands.ts'

type Add = (program: Command) => void

/** By the command, or the first of several: what adds it. In the order in which the help lists them. */
const COMMANDS: ReadonlyMap<string, () => Promise<Add>> = new Map([
  ['search', async () => (await import('./search/search-command.ts')).addSearchCommand],
  ['stats', async () => (await import('./gallery/stats-command.ts')).addStatsCommand],
  ['persons', async () => (await import('./persons/person-commands.ts')).addPersonCommands],
  ['groups', async () => (await import('./groups/group-commands.ts')).addGroupCommands],
  ['import', async () => (await import('./import/import-command.ts')).addImportCommand],
  ['imports', async () => (await import('./imports/import-list-commands.ts')).addImportListCommands],
  ['export', async () => (await import('./export/export-command.ts')).addExportCommand],
  ['duplicates', async () => (await import('./duplicates/duplicate-commands.ts')).addDuplicateCommands],
  ['operations', async () => (await import('./operations/operation-commands.ts')).addOperationCommands],
  ['redescribe', async () => (await import('./redescribe/redescribe-commands.ts')).addRedescribeCommands],
  ['doctor', async () => (await import('./doctor/doctor-command.ts')).addDoctorCommand],
  ['evaluate', async () => (await import('./evaluate/evaluate-command.ts')).addEvaluateCommand],
  ['prepare', async () => (await import('./prepare/prepare-command.ts')).addPrepareCommand],
  ['index', async () => (await import('./index-of-cluster/index-commands.ts')).addIndexCommands],
  ['verify', async () => (await import('./verify/verify-command.ts')).addVerifyCommand],
  ['backup', async () => (await import('./backup/backup-commands.ts')).addBackupCommands],
  ['migrate', async () => (await import('./migrate/migrate-command.ts')).addMigrateCommand],
  ['dev', async () => (await import('./dev-cluster/dev-cluster-command.ts')).addDevClusterCommand],
])

/**
 * `semblance` with the command that these arguments begin with, and with all commands where they begin with none that
 * is known here: each loads only what it needs, which halves the time until it runs.
 */
export async function semblanceProgram([name = '']: readonly string[] = []): Promise<Command> {
  const program = bareProgram()
  const named = COMMANDS.get(name)
  if (named === undefined) addServerCommands(program)
  for (const load of named === undefined ? COMMANDS.values() : [named]) {
    const add = await load()
    add(program)
  }
  return program
}
