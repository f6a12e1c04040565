// While an image is made: `compile-pack.mjs FOLDER` puts the networks of the model pack there, and of those that MORE_PACKS
// names, so that no container has to compile them, and none needs the packages and tarballs that they come from.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { openPack } from '../../libs/engine/dist/index.js'

const [modelsFolder] = process.argv.slice(2)
const more = (process.env.MORE_PACKS ?? '').split(/[\s,]+/).filter((name) => name !== '')
for (const packId of [process.env.SEMBLANCE_PACK ?? 'builtin@2', ...more]) {
  const { files } = await openPack({ packsFolder: 'models', modelsFolder, packId })
  console.log(`${packId}: ${Object.keys(files).length} networks in ${modelsFolder}`)
}
rmSync(join(modelsFolder, 'tarballs'), { recursive: true, force: true })
