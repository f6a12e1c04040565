import { type PackId, storeUnavailable } from '@semblance/core'
import { PACK_SETTING, SCHEMA_SETTING, SCHEMA_VERSION } from '../records/schema-version.ts'
import { type MongoDatabaseOptions, openMongoDatabase } from './mongo-database.ts'

export interface MongoDescription {
  readonly version: string
  /** Null: the server stands alone, so that the loss of its disk is the loss of the gallery. */
  readonly replicaSet: string | null
  /** The version that the database was brought to, 0 if there is none yet, and the one that this program writes. */
  readonly schema: { readonly found: number; readonly known: number }
  /** The model pack that the gallery goes by; null before first use. */
  readonly pack: PackId | null
  /** The server's own clock, milliseconds since the epoch. */
  readonly nowMs: number
}

/** Asks a server about itself. Throws E_STORE_UNAVAILABLE if it does not answer within seconds. */
export async function describeMongo(options: MongoDatabaseOptions): Promise<MongoDescription> {
  const database = await openMongoDatabase(options)
  try {
    return await database.ask(
      async () => {
        const hello = await database.db.command({ hello: 1 })
        const { version } = await database.db.command({ buildInfo: 1 })
        const settings = database.db.collection<{ readonly _id: string; readonly value: string }>('settings')
        const stored = await settings.findOne({ _id: SCHEMA_SETTING })
        const pack = await settings.findOne({ _id: PACK_SETTING })
        return {
          pack: (pack?.value ?? null) as PackId | null,
          schema: { found: Number(stored?.value ?? 0), known: SCHEMA_VERSION },
          version: String(version),
          replicaSet: typeof hello.setName === 'string' ? hello.setName : null,
          nowMs: hello.localTime instanceof Date ? hello.localTime.getTime() : Date.now(),
        }
      },
      { unavailable: storeUnavailable },
    )
  } finally {
    await database.close()
  }
}
