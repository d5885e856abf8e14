/**
 * Frees the memory of bytes immediately, if they are all of it, so that Node reuses it while it is in the processor's cache. Left
 * to V8, such memory piles up and triggers full garbage collections. Node 20 cannot do it.
 */
export function freeBytes({ buffer, byteLength }: Uint8Array): void {
  if (byteLength === buffer.byteLength) (buffer as ArrayBuffer).transfer?.(0)
}
