// While an image is made: `compile-pack.mjs FOLDER` puts the networks of the model pack there, so that no container has to
// compile them, and none needs the packages and tarballs that they come from.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openPack } from '../../libs/engine/dist/index.js'

const [modelsFolder] = process.argv.slice(2)
const packId = process.env.SEMBLANCE_PACK ?? 'builtin'
const { files } = await openPack({ packsFolder: 'models', modelsFolder, packId })
rmSync(join(modelsFolder, 'tarballs'), { recursive: true, force: true })
console.log(`${packId}: ${Object.keys(files).length} networks in ${modelsFolder}`)
