import { parentPort } from 'node:worker_threads'
import wabt from 'wabt'
import { SCAN_KERNEL_WAT } from './scan-kernel.ts'
import { wasm } from './web-assembly.ts'

const assembler = await wabt()
const text = assembler.parseWat('scan-kernel.wat', SCAN_KERNEL_WAT, {
  simd: true,
  relaxed_simd: true,
  threads: true,
})
const { buffer } = text.toBinary({})
parentPort?.postMessage(await wasm.compile(new Uint8Array(buffer)))
