import { createRequire } from 'node:module'
import { parentPort, workerData } from 'node:worker_threads'
import type Wabt from 'wabt'

interface Setup {
  readonly bytes: number
  readonly blocks: number
  readonly next: Int32Array
  /** Null: this thread makes it and fills it. */
  readonly memory: { readonly buffer: SharedArrayBuffer } | null
}

interface Wasm {
  readonly Memory: new (limits: object) => { readonly buffer: SharedArrayBuffer }
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (
    module: object,
    imports: object,
  ) => { readonly exports: { read(from: number, end: number): number } }
}

/**
 * Two loads of 16 bytes from each quarter of the block a turn, because four streams read faster than one; the or of
 * all that was loaded keeps the compiler from leaving the loads out.
 */
const READ_WAT = `
(module
  (import "bench" "memory" (memory 1 65536 shared))
  (func (export "read") (param $at i32) (param $end i32) (result i32)
    (local $quarter i32) (local $to i32)
    ${accumulators((n) => `(local $v${n} v128)`)}
    (local.set $quarter (i32.shr_u (i32.sub (local.get $end) (local.get $at)) (i32.const 2)))
    (local.set $to (i32.add (local.get $at) (local.get $quarter)))
    (loop $next
      ${accumulators(
        (n) => `
      (local.set $v${n} (v128.or (local.get $v${n})
        (v128.load offset=${16 * (n % 2)}
          (i32.add (local.get $at) (i32.mul (local.get $quarter) (i32.const ${n >> 1}))))))`,
      )}
      (local.set $at (i32.add (local.get $at) (i32.const 32)))
      (br_if $next (i32.lt_u (local.get $at) (local.get $to))))
    (i32.or
      (i32.or
        (i32.or (v128.any_true (local.get $v0)) (v128.any_true (local.get $v1)))
        (i32.or (v128.any_true (local.get $v2)) (v128.any_true (local.get $v3))))
      (i32.or
        (i32.or (v128.any_true (local.get $v4)) (v128.any_true (local.get $v5)))
        (i32.or (v128.any_true (local.get $v6)) (v128.any_true (local.get $v7)))))))
`

const { WebAssembly: wasm } = globalThis as unknown as { readonly WebAssembly: Wasm }
const { bytes, blocks, next, memory: given } = workerData as Setup
const pages = bytes / 65_536
const memory = given ?? new wasm.Memory({ initial: pages, maximum: pages, shared: true })
if (given === null) new Float32Array(memory.buffer).fill(0.5)

// A dependency of store-local's, not of the benchmarks' own.
const wabt = createRequire(import.meta.resolve('@semblance/store-local'))('wabt') as typeof Wabt
const text = (await wabt()).parseWat('read.wat', READ_WAT, { simd: true, threads: true })
const module = new wasm.Module(new Uint8Array(text.toBinary({}).buffer))
const { read } = new wasm.Instance(module, { bench: { memory } }).exports

parentPort?.on('message', () => {
  let block = Atomics.add(next, 0, 1)
  for (; block < blocks; block = Atomics.add(next, 0, 1))
    read((block * bytes) / blocks, ((block + 1) * bytes) / blocks)
  parentPort?.postMessage('done')
})
parentPort?.postMessage(memory)

function accumulators(line: (n: number) => string): string {
  return Array.from({ length: 8 }, (_, n) => line(n)).join('\n    ')
}
