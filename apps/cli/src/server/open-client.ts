import { setTimeout as delay } from 'node:timers/promises'
import { clientSettings, readConfig } from '@semblance/config'
import { z } from 'zod'
import { sayBesideBar } from '../command/progress.ts'
import { readKey } from './address.ts'
import { WireClient, type WireClientOptions } from './wire-client.ts'

/** What commands that call a server read from the environment. */
export const clientConfigSchema = z.object(clientSettings)

export interface ServerOptions {
  /** Base URL, without `/api`; left out: of the environment, else standalone's usual address. */
  readonly url?: string
  /** A file that holds the API key. */
  readonly keyFile?: string
}

/** The server that a command is about. Its key comes from a file or the environment, and from no list of processes. */
export async function openClient(
  options: ServerOptions,
  signal: AbortSignal,
  patience: Pick<WireClientOptions, 'attempts' | 'graceMs'> = {},
): Promise<WireClient> {
  // biome-ignore lint/style/noProcessEnv: the one place that reads the environment
  const config = readConfig(clientConfigSchema, process.env)
  const key =
    options.keyFile === undefined ? (config.SEMBLANCE_CLIENT_KEY ?? null) : await readKey(options.keyFile)
  return new WireClient({
    name: 'the server',
    keyOption: '--key-file or SEMBLANCE_CLIENT_KEY',
    url: (options.url ?? config.SEMBLANCE_URL).replace(/\/+$/, ''),
    key,
    signal,
    tell: sayBesideBar,
    ...patience,
    now: () => Date.now(),
    random: () => Math.random(),
    wait: (ms, waiting) => delay(ms, undefined, { signal: waiting }),
  })
}
