import { clusterCommandSchema } from '../cluster-config.ts'
import { EXIT } from '../command/exit-codes.ts'
import { readEnvironment } from '../command/read-environment.ts'
import type { CommandResult } from '../command/server-action.ts'
import { checkCluster } from '../doctor/check-cluster.ts'
import type { Finding } from '../doctor/finding.ts'
import { findingLines } from '../doctor/finding-lines.ts'
import { packOfSettings, withCluster } from '../with-cluster.ts'

/** Checks first: an old Qdrant, or a Redis that evicts, is not to be found out by the processes that serve. */
export async function prepare(signal: AbortSignal): Promise<CommandResult> {
  const config = readEnvironment(clusterCommandSchema)
  const pack = await packOfSettings(config)
  const found = await checkCluster(config, pack)
  if (found.some(({ state }) => state === 'wrong')) return resultOf(found, 'Nothing was made.')
  // Opening makes what is missing, and refuses a database of a newer version, or of another pack.
  await withCluster({ signal, makesGallery: true }, async () => {})
  return resultOf(await checkCluster(config, pack), 'Everything is there.')
}

function resultOf(findings: readonly Finding[], end: string): CommandResult {
  const wrongs = findings.filter(({ state }) => state === 'wrong').length
  return {
    json: JSON.stringify({ wrong: wrongs, findings }),
    lines: [...findingLines(findings), '', end],
    exitCode: wrongs === 0 ? EXIT.fine : EXIT.found,
  }
}
