/** The part of WebAssembly's interface that this project uses. Node's types lack it. */
declare namespace WebAssembly {
  class Module {
    constructor(bytes: Uint8Array<ArrayBuffer>)
  }
  class Instance {
    constructor(module: Module, imports: Readonly<Record<string, Readonly<Record<string, unknown>>>>)
    readonly exports: Readonly<Record<string, unknown>>
  }
  class Memory {
    /** Throws RangeError if the machine does not have that many pages of 64 KiB. */
    constructor(limits: { readonly initial: number; readonly maximum: number; readonly shared: boolean })
    readonly buffer: ArrayBuffer
  }
}
