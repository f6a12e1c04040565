import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findOnPath } from './find-on-path.ts'
import { freePort } from './free-ports.ts'
import type { MissingServer } from './missing-server.ts'
import { buildMongoStandIn, lookForMongoStandIn } from './mongo-stand-in.ts'
import { accepts, type OwnServer, type StartOptions, startOwnServer } from './own-server.ts'

export interface MongoServer extends OwnServer {
  /** A connection string without a database: every caller takes a database name of its own. */
  readonly url: string
}

/**
 * A `mongod` from PATH; else the stand-in, built first if need be (minutes at the first time). On a free port with a
 * temporary folder.
 */
export async function startMongo(start: StartOptions = {}): Promise<MongoServer | MissingServer> {
  const mongod = findOnPath('mongod')
  const program = mongod ?? (await buildMongoStandIn())
  if (typeof program !== 'string') return program
  const [port, folder] = [await freePort(), await mkdtemp(join(tmpdir(), 'semblance-mongo-'))]
  const server = await startOwnServer({
    program,
    args:
      mongod === null
        ? ['-listen', `127.0.0.1:${port}`, '-folder', folder]
        : ['--port', `${port}`, '--dbpath', folder, '--bind_ip', '127.0.0.1', '--quiet'],
    folder,
    ...start,
    isUp: () => accepts(port),
  })
  return { ...server, url: `mongodb://127.0.0.1:${port}/?directConnection=true` }
}

/** What `startMongo` would do here, without doing it: nothing is built or started. */
export async function lookForMongo(): Promise<'ready' | 'to-be-built' | MissingServer> {
  return findOnPath('mongod') === null ? lookForMongoStandIn() : 'ready'
}
