// Before the tests: servers that start side by side would each fetch and compile the networks of the default pack.
import { join } from 'node:path'
import { engineSettings, packSettings } from '@semblance/config'
import { openPack } from '@semblance/engine'
import { z } from 'zod'

const settings = z.object({ ...engineSettings, ...packSettings }).parse({})
const { files } = await openPack({
  packsFolder: settings.SEMBLANCE_PACKS,
  modelsFolder: join(import.meta.dirname, '../..', settings.SEMBLANCE_MODELS),
  packId: settings.SEMBLANCE_PACK,
})
console.error(`${settings.SEMBLANCE_PACK}: ${Object.keys(files).length} networks are there`)
