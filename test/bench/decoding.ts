import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import sharp, { type Sharp } from 'sharp'
import type { BenchRecord } from './exact-index.ts'

const run = promisify(execFile)
const CHILD = join(import.meta.dirname, 'decode-one.ts')
const [WIDTH, HEIGHT] = [4000, 3000]

/** Each kind that costs a decoder something else. The encoders' fastest settings, where they change nothing for it. */
const KINDS: Readonly<Record<string, (picture: Sharp) => Sharp>> = {
  jpeg: (it) => it.jpeg({ quality: 85 }),
  'jpeg, turned by EXIF': (it) => it.withMetadata({ orientation: 6 }).jpeg({ quality: 85 }),
  'jpeg, progressive': (it) => it.jpeg({ quality: 85, progressive: true }),
  'jpeg, cmyk': (it) => it.toColourspace('cmyk').jpeg({ quality: 85 }),
  png: (it) => it.png({ compressionLevel: 3 }),
  'png, interlaced': (it) => it.png({ compressionLevel: 3, progressive: true }),
  'png, 16 bits': (it) => it.toColourspace('rgb16').png({ compressionLevel: 3 }),
  'png, 16 bits, alpha, interlaced': (it) =>
    it.ensureAlpha(0.5).toColourspace('rgb16').png({ compressionLevel: 3, progressive: true }),
  webp: (it) => it.webp({ effort: 0 }),
  'webp, lossless': (it) => it.webp({ effort: 0, lossless: true }),
  gif: (it) => it.gif({ effort: 1, dither: 0 }),
  tiff: (it) => it.tiff({ compression: 'lzw' }),
  avif: (it) => it.avif({ effort: 0, quality: 60 }),
  'avif, lossless': (it) => it.avif({ effort: 0, lossless: true }),
}

/** What decoding a picture costs, by how it is stored: the source of libs/engine/src/main/decode/decoding-cost.ts. */
export async function benchDecoding(): Promise<readonly BenchRecord[]> {
  const folder = await mkdtemp(join(tmpdir(), 'semblance-decoding-'))
  try {
    const records: BenchRecord[] = []
    for (const [content, data] of Object.entries(await contents())) {
      for (const [kind, make] of Object.entries(KINDS)) {
        const file = join(folder, 'picture')
        await writeFile(
          file,
          await make(sharp(data, { raw: { width: WIDTH, height: HEIGHT, channels: 3 } })).toBuffer(),
        )
        for (const what of ['whole', 'part'])
          records.push(...(await measure(file, { what, name: `${kind}, ${content}, ${what}` })))
      }
    }
    return records
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** A plain color, and noise of some pixels' width, so that it is as hard to pack as a photo. */
async function contents(): Promise<Readonly<Record<string, Buffer>>> {
  const noise = { type: 'gaussian', mean: 128, sigma: 30 } as const
  const small = {
    create: { width: WIDTH / 4, height: HEIGHT / 4, channels: 3, background: '#888', noise },
  } as const
  const noisy = await sharp(await sharp(small).png().toBuffer())
    .resize(WIDTH, HEIGHT)
    .raw()
    .toBuffer()
  return { plain: Buffer.alloc(WIDTH * HEIGHT * 3, 0x77), noisy }
}

async function measure(
  file: string,
  { what, name }: { readonly what: string; readonly name: string },
): Promise<readonly BenchRecord[]> {
  const { stdout } = await run(process.execPath, [CHILD, file, what])
  const { megabytes, nsPerPixel } = JSON.parse(stdout) as Record<'megabytes' | 'nsPerPixel', number>
  return [
    { name: `${name}: memory`, value: megabytes, unit: 'MB', goal: null, better: 'less' },
    { name: `${name}: processor`, value: nsPerPixel, unit: 'ns/px', goal: null, better: 'less' },
  ]
}
