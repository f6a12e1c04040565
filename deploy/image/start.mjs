// The entry of every image: `start.mjs APP`. Sets what must be set before Node starts, and becomes that app: it has the
// process id of this one, so that the signals of whoever runs the container reach it.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { programEnvironment, withoutEmptySettings } from '../node-environment.mjs'

const folder = join(dirname(fileURLToPath(import.meta.url)), '../..')
const [app, ...args] = process.argv.slice(2)
const entry = join(folder, 'apps', app, 'dist', 'main.js')
// What was compiled when the image was made lies here; the folder may be read-only then.
const cache = join(folder, '.node')

const environment = programEnvironment(cache, withoutEmptySettings(process.env))
process.execve(process.execPath, [process.execPath, entry, ...args], environment)
