interface WasmMemory {
  readonly buffer: ArrayBuffer
  grow(pages: number): number
}

/** The type as far as we need it: without the browser's types there are none for it. */
interface WithWasm {
  readonly WebAssembly: { readonly Memory: { readonly prototype: WasmMemory } }
}

const memories = (globalThis as unknown as WithWasm).WebAssembly.Memory.prototype
const grow = memories.grow
const PAGE_BYTES = 65_536
let limitBytes = Number.POSITIVE_INFINITY

/**
 * No WebAssembly memory of this thread grows beyond `bytes` from now on: the module sees its request refused and fails
 * by itself. Such memory counts for none of the limits that a thread can be started with.
 */
export function limitWasmMemory(bytes: number): void {
  limitBytes = bytes
  memories.grow = growWithinLimit
}

function growWithinLimit(this: WasmMemory, pages: number): number {
  if (this.buffer.byteLength + pages * PAGE_BYTES > limitBytes)
    throw new RangeError('memory limit of the picture')
  return grow.call(this, pages)
}
