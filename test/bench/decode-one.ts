import { readFileSync } from 'node:fs'
import sharp from 'sharp'

/**
 * A process of its own, since only the highest resident set of a process is known: decodes the file given as the engine
 * does (libs/engine/src/main/decode/decode-picture.ts), the `whole` at working size or a `part`, and prints what it took.
 */
const [file = '', what = 'whole'] = process.argv.slice(2)
const WORKING_SIDE_PX = 1600
const PART_PX = 400

sharp.cache(false)
// The library's own start is not the picture's.
await sharp({ create: { width: 64, height: 64, channels: 3, background: '#fff' } })
  .jpeg()
  .toBuffer()
const bytes = readFileSync(file)
const { width, height } = await sharp(bytes).metadata()
const restingKb = memoryKb('VmRSS')
const cpu = process.cpuUsage()
const image = sharp(bytes, { failOn: 'truncated', autoOrient: true, limitInputPixels: false })
  .flatten({ background: '#fff' })
  .toColourspace('srgb')
const inside = {
  width: WORKING_SIDE_PX,
  height: WORKING_SIDE_PX,
  fit: 'inside',
  withoutEnlargement: true,
} as const
const part = { left: Math.floor(width / 2), top: Math.floor(height * 0.8), width: PART_PX, height: PART_PX }
await (what === 'whole' ? image.resize(inside) : image.extract(part)).raw({ depth: 'uchar' }).toBuffer()
const { user, system } = process.cpuUsage(cpu)
const peakBytes = 1024 * (memoryKb('VmHWM') - restingKb)
console.log(
  JSON.stringify({ megabytes: peakBytes / 1e6, nsPerPixel: ((user + system) * 1000) / (width * height) }),
)

function memoryKb(field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(status)?.[1])
}
