import { type WasmModule, wasm } from '../memory/web-assembly.ts'
import { SCAN_KERNEL_BASE64 } from './scan-kernel-bytes.ts'

let compiled: Promise<WasmModule> | null = null

/** Compiles the scan kernel once for the process; threads are handed the compiled module. */
export function compileKernel(): Promise<WasmModule> {
  compiled ??= wasm.compile(Buffer.from(SCAN_KERNEL_BASE64, 'base64'))
  return compiled
}
