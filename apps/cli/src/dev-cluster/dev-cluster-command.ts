import { untilToldToStop } from '@semblance/telemetry'
import type { Command } from 'commander'
import { readEnvironment } from '../command/read-environment.ts'
import { devClusterSchema } from '../config.ts'
import { chooseOpsPort, isFree } from './cluster-ports.ts'
import { runProcesses } from './cluster-processes.ts'
import { canHaveAll, findServer, SERVERS } from './cluster-servers.ts'

/** `semblance dev-cluster`: a whole cluster on this machine, for as long as the command runs. */
export function addDevClusterCommand(program: Command): void {
  program
    .command('dev-cluster')
    .description(
      'run a gateway and a worker on this machine, against the servers that SEMBLANCE_REDIS_URL, SEMBLANCE_MONGO_URL and SEMBLANCE_QDRANT_URL name, or else ones found on PATH and started with temporary folders',
    )
    .addHelpText('after', '\nExample:\n  semblance dev-cluster')
    .action(async () => {
      process.exitCode = await runDevCluster()
    })
}

/** Resolves with the exit code of the command. */
async function runDevCluster(): Promise<number> {
  await using resources = new AsyncDisposableStack()
  const stopping = new AbortController()
  void untilToldToStop().then(() => stopping.abort(new Error('stopped by the user')))
  const config = readEnvironment(devClusterSchema)
  const port = config.SEMBLANCE_PORT
  const opsPort = await chooseOpsPort(config)
  if (!(await isFree({ variable: 'SEMBLANCE_PORT', host: config.SEMBLANCE_HOST, port }))) return 1
  if (!(await isFree({ variable: 'SEMBLANCE_OPS_PORT', host: config.SEMBLANCE_OPS_HOST, port: opsPort })))
    return 1
  if (!(await canHaveAll(config))) return 1
  const env: Record<string, string> = { SEMBLANCE_PORT: String(port) }
  for (const server of SERVERS) {
    const found = await findServer(server, config)
    if (found === 'missing') return 1
    if (found !== 'given') {
      resources.defer(() => found.close())
      env[server.variable] = found.url
    }
    if (stopping.signal.aborted) return 0
  }
  // Awaited here, lest the servers be closed while the processes run.
  return await runProcesses({ env, opsPort, signal: stopping.signal })
}
