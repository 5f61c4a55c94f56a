/** The part of WebAssembly that is needed here; Node's types leave it out. */
declare const WebAssembly: { Memory: new (size: { initial: number }) => { readonly buffer: ArrayBuffer } };

const WASM_PAGE_BYTES = 64 * 1024;

/**
 * A zeroed buffer that begins at a page boundary, a multiple of 64 KiB long. Reading a file into one that doesn't
 * can be eight times slower, and `Buffer.alloc` gives the slow kind; WebAssembly memory is the portable way.
 */
export const alignedBuffer = (bytes: number): Uint8Array =>
  new Uint8Array(new WebAssembly.Memory({ initial: Math.ceil(bytes / WASM_PAGE_BYTES) }).buffer);
