import { availableParallelism } from 'node:os'
import { readPackSummary } from '@semblance/cluster'
import { readConfig } from '@semblance/config'
import { amount } from '@semblance/core'
import type { z } from 'zod'
import { clusterDoctorSchema, standaloneDoctorSchema } from '../cluster-config.ts'
import { EXIT } from '../command/exit-codes.ts'
import { commandVariables } from '../command/read-environment.ts'
import type { CommandResult, ServerWork } from '../command/server-action.ts'
import { namesCluster } from '../names-cluster.ts'
import { checkLinkBuckets, checkPictureBucket } from './check-buckets.ts'
import { checkCluster, describeStore } from './check-cluster.ts'
import { checkDataFolder, packInFolder } from './check-data-folder.ts'
import { checkPack } from './check-pack.ts'
import { checkProgram } from './check-program.ts'
import { checkPort, checkReady } from './check-server.ts'
import { checkTemporaryFolder } from './check-temporary-folder.ts'
import type { Finding } from './finding.ts'
import { findingLines } from './finding-lines.ts'
import { type JudgedSettings, judgeSettings } from './judge-settings.ts'

/** Looks at all parts of the installation that the environment describes. */
export async function examine({ options, signal }: ServerWork<object>): Promise<CommandResult> {
  const shape = namesCluster() ? 'cluster' : 'standalone'
  const findings = shape === 'cluster' ? await examineCluster(signal) : await examineStandalone(signal)
  // biome-ignore lint/style/noProcessEnv: only asked for what there is; `openClient` reads it
  const named = options.url ?? (process.env.SEMBLANCE_URL || null)
  const ready = await checkReady((named ?? findings.url).replace(/\/+$/, ''), named !== null)
  const all = [...findings.of, ...ready]
  const wrongs = all.filter(({ state }) => state === 'wrong').length
  const end =
    wrongs === 0
      ? 'Nothing is wrong.'
      : `${wrongs} of ${amount(all.length, 'finding')} ${wrongs === 1 ? 'is' : 'are'} wrong.`
  return {
    json: JSON.stringify({ shape, wrong: wrongs, findings: all }),
    lines: [`${shape}:`, ...findingLines(all), '', end],
    exitCode: wrongs === 0 ? EXIT.fine : EXIT.found,
  }
}

interface Examined {
  readonly of: readonly Finding[]
  /** Where a server of these settings would answer on this machine. */
  readonly url: string
}

async function examineStandalone(signal: AbortSignal): Promise<Examined> {
  const { settings, findings } = judge(standaloneDoctorSchema)
  if (settings === null)
    return { of: [...(await checkProgram(availableParallelism())), ...findings], url: LOCAL }
  const parts = await Promise.all([
    checkProgram(settings.SEMBLANCE_THREADS),
    findings,
    checkPack(settings, await packInFolder(settings), signal),
    checkDataFolder(settings),
    checkLinkBuckets(settings, signal),
    [await checkTemporaryFolder(settings)],
    [await checkPort(apiAddress(settings))],
  ])
  return { of: parts.flat(), url: urlOf(settings) }
}

async function examineCluster(signal: AbortSignal): Promise<Examined> {
  const { settings, findings } = judge(clusterDoctorSchema)
  if (settings === null)
    return { of: [...(await checkProgram(availableParallelism())), ...findings], url: LOCAL }
  // What is wrong with the pack is found by `checkPack`.
  const pack = await readPackSummary(settings.SEMBLANCE_PACKS, settings.SEMBLANCE_PACK).catch(() => null)
  const stored = describeStore(settings)
  const serving = stored.then(
    (described) => described.pack,
    () => null,
  )
  const { SEMBLANCE_OPS_HOST: host, SEMBLANCE_OPS_PORT: port } = settings
  const parts = await Promise.all([
    checkProgram(settings.SEMBLANCE_THREADS),
    findings,
    serving.then((packId) => checkPack(settings, packId, signal)),
    checkCluster(settings, pack, stored),
    checkPictureBucket(settings, signal),
    checkLinkBuckets(settings, signal),
    [await checkTemporaryFolder(settings)],
    [await checkPort(apiAddress(settings))],
    [await checkPort({ host, port, variable: 'SEMBLANCE_OPS_PORT', healthPath: '/livez' })],
  ])
  return { of: parts.flat(), url: urlOf(settings) }
}

const LOCAL = 'http://127.0.0.1:41101'

interface Address {
  readonly SEMBLANCE_HOST: string
  readonly SEMBLANCE_PORT: number
}

function apiAddress({ SEMBLANCE_HOST: host, SEMBLANCE_PORT: port }: Address) {
  return { host, port, variable: 'SEMBLANCE_PORT', healthPath: '/api/healthz' }
}

function urlOf({ SEMBLANCE_HOST: host, SEMBLANCE_PORT: port }: Address): string {
  const reached = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  return `http://${reached.includes(':') ? `[${reached}]` : reached}:${port}`
}

function judge<S extends z.ZodObject>(schema: S): JudgedSettings<Readonly<z.output<S>>> {
  return judgeSettings((warn) => {
    // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
    return readConfig(schema, process.env, { readElsewhere: commandVariables, warn })
  })
}
