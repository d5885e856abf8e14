/** The programs that decide runs of one system, each generated when it is first needed. */
export class Programs {
  readonly #known = new Map<string, WebAssembly.Module>()

  /** Returns the program with this name, which must say all that differs between programs of the system. */
  get(name: string, print: () => Uint8Array<ArrayBuffer>): WebAssembly.Module {
    const program = this.#known.get(name) ?? new WebAssembly.Module(print())
    this.#known.set(name, program)
    return program
  }
}
