import { expect, it } from 'vitest'
import wabt from 'wabt'
import { SCAN_KERNEL_WAT } from './scan-kernel-text.ts'

it('checks the scan kernel in as its text assembles', async () => {
  await expect(await assembled()).toMatchFileSnapshot('./scan-kernel-bytes.ts')
})

/** The whole of `scan-kernel-bytes.ts`, made anew from the text. */
async function assembled(): Promise<string> {
  const assembler = await wabt()
  const features = { simd: true, relaxed_simd: true, threads: true }
  const { buffer } = assembler.parseWat('scan-kernel.wat', SCAN_KERNEL_WAT, features).toBinary({})
  const base64 = Buffer.from(buffer).toString('base64')
  return `/** Assembled from \`scan-kernel-text.ts\`: \`npm test -- scan-kernel-bytes -u\` makes it anew. */
export const SCAN_KERNEL_BASE64 =
  '${base64}'
`
}
