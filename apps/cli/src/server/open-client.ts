import { setTimeout as delay } from 'node:timers/promises'
import { clientSettings } from '@semblance/config'
import { z } from 'zod'
import { sayBesideBar } from '../command/progress.ts'
import { readEnvironment } from '../command/read-environment.ts'
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

interface Patience extends Pick<WireClientOptions, 'attempts' | 'graceMs'> {
  /** The command has a client already. */
  readonly isSecond?: boolean
}

/** The server that a command is about. Its key comes from a file or the environment, and from no list of processes. */
export async function openClient(
  options: ServerOptions,
  signal: AbortSignal,
  patience: Patience = {},
): Promise<WireClient> {
  const { isSecond = false, ...waiting } = patience
  // What is wrong with the environment is told once.
  const config = readEnvironment(clientConfigSchema, isSecond ? { tell: () => {} } : {})
  const key =
    options.keyFile === undefined ? (config.SEMBLANCE_CLIENT_KEY ?? null) : await readKey(options.keyFile)
  return new WireClient({
    name: 'the server',
    keyOption: '--key-file or SEMBLANCE_CLIENT_KEY',
    url: (options.url ?? config.SEMBLANCE_URL).replace(/\/+$/, ''),
    key,
    signal,
    tell: sayBesideBar,
    ...waiting,
    now: () => Date.now(),
    random: () => Math.random(),
    wait: (ms, waiting) => delay(ms, undefined, { signal: waiting }),
  })
}
