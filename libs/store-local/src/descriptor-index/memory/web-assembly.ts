/** The part of the runtime's WebAssembly that the index uses; its types come with the DOM's only, which we do not load. */
export interface WasmRuntime {
  compile(bytes: Uint8Array): Promise<WasmModule>
  readonly Instance: new (module: WasmModule, imports: object) => { readonly exports: unknown }
  readonly Memory: new (limits: {
    readonly initial: number
    readonly maximum: number
    readonly shared: boolean
  }) => WasmMemory
}

/** Compiled code; threads pass it to each other. */
export interface WasmModule {
  readonly [Symbol.toStringTag]: string
}

/** Memory that threads share once it was passed to them. */
export interface WasmMemory {
  readonly buffer: SharedArrayBuffer
  grow(pages: number): number
}

export const wasm = (globalThis as unknown as { readonly WebAssembly: WasmRuntime }).WebAssembly
