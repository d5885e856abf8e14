/** What of WebAssembly's interface is used here; Node's own types do not have it. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>)
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>)
    readonly exports: Readonly<Record<string, unknown>>
  }
  class Memory {
    /** Throws RangeError when there is no room for so many pages of 64 KiB. */
    constructor(limits: { readonly initial: number; readonly maximum: number; readonly shared: boolean })
    readonly buffer: ArrayBuffer
  }
}
