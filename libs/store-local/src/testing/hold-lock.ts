/** A process that locks a data folder, says so and lives until its input ends. */
import { lockDataFolder } from '../data-folder/lock-data-folder.ts'

const [folder = ''] = process.argv.slice(2)
const lock = await lockDataFolder(folder)
process.stdout.write('locked\n')
process.stdin.resume().once('end', () => void lock.release())
