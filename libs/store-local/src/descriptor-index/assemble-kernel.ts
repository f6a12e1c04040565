import { extname } from 'node:path'
import { Worker } from 'node:worker_threads'
import type { WasmModule } from './web-assembly.ts'

let assembled: Promise<WasmModule> | null = null

/**
 * Assembles the scan kernel once for the process, in a thread of its own: the assembler takes some 30 ms and 18 MB,
 * both of which are gone when that thread ends.
 */
export function assembleKernel(): Promise<WasmModule> {
  assembled ??= assembleInThread()
  return assembled
}

function assembleInThread(): Promise<WasmModule> {
  return new Promise((resolve, reject) => {
    const thread = new Worker(new URL(`./kernel-thread${extname(import.meta.url)}`, import.meta.url))
    thread.once('message', resolve)
    thread.once('error', reject)
    thread.once('exit', (code) => reject(new Error(`the kernel's assembler ended with code ${code}`)))
  })
}
