import { at } from '../../text/at.ts'
import { type Code, type Local, unsigned } from './code.ts'

/** The imports of a module: memories, globals and functions of integers, all under `env`. */
export interface Imports {
  /** The pages of each shared memory. */
  readonly memories: readonly number[]
  /** Names of immutable globals. Their indexes come before those of the module's own globals. */
  readonly globals: readonly string[]
  readonly functions: readonly {
    readonly name: string
    readonly params: number
    readonly results: number
  }[]
}

/** The indexes of N local variables: a tuple if N is a literal. */
export type Several<N extends number, Made extends Local[] = []> = number extends N
  ? Local[]
  : Made['length'] extends N
    ? Made
    : Several<N, [...Made, Local]>

const numbered = <N extends number>(count: N, number: (index: number) => Local): Several<N> =>
  Array.from({ length: count }, (_, index) => number(index)) as Several<N>

/** Numbers the local variables of one function. Parameters come first. */
export class Locals {
  #count: number
  /** Runs of local variables of the same type. */
  readonly #runs: { count: number; readonly type: number }[] = []

  constructor(params: number) {
    this.#count = params
  }

  /** The declaration of all local variables but the parameters. */
  get declared(): Code {
    return [unsigned(this.#runs.length), this.#runs.map(({ count, type }) => [unsigned(count), type])]
  }

  make(): Local {
    return this.#make(I32)
  }

  /** Makes a local variable for a wide number. */
  makeWide(): Local {
    return this.#make(F64)
  }

  #make(type: number): Local {
    const last = this.#runs.at(-1)
    if (last?.type === type) last.count++
    else this.#runs.push({ count: 1, type })
    return this.#count++
  }

  several<N extends number>(count: N): Several<N> {
    return numbered(count, () => this.make())
  }
}

interface Function {
  readonly params: number
  readonly results: number
  /** The local variables and the body, as they stand in the module. */
  readonly code: Uint8Array
}

/** A module under construction: functions of 32-bit integers over imported memories. */
export class Module {
  readonly #imports: Imports
  readonly #functions: Function[] = []
  readonly #exports: { readonly name: string; readonly index: number }[] = []
  #globals = 0

  constructor(imports: Imports) {
    this.#imports = imports
  }

  /** Adds a mutable global, 0 at the start. Returns its index. */
  global(): number {
    return this.#imports.globals.length + this.#globals++
  }

  /** Returns the index of the imported function `name`. */
  imported(name: string): number {
    return this.#imports.functions.findIndex(each => each.name === name)
  }

  /** Adds a function and returns its index. With `name`, exports it. */
  define<N extends number>(
    params: N,
    results: number,
    body: (locals: Locals, params: Several<N>) => Code,
    name?: string,
  ): number {
    const locals = new Locals(params)
    const code = body(
      locals,
      numbered(params, index => index),
    )
    const made = bytesOf([locals.declared, code, 0x0b])
    const index = this.#imports.functions.length + this.#functions.push({ params, results, code: made }) - 1
    if (name !== undefined) this.#exports.push({ name, index })
    return index
  }

  /** Returns the bytes of the module. */
  encode(): Uint8Array<ArrayBuffer> {
    const { memories, globals, functions } = this.#imports
    const types = new Types()
    const imports = [
      ...memories.map((pages, index) => imported(`memory${index}`, memoryType(pages))),
      ...globals.map(name => imported(name, [0x03, I32, 0])),
      ...functions.map(({ name, params, results }) =>
        imported(name, [0x00, unsigned(types.of(params, results))]),
      ),
    ]
    const declared = this.#functions.map(({ params, results }) => unsigned(types.of(params, results)))
    const own = Array.from({ length: this.#globals }, (): Code => [I32, 1, 0x41, 0, 0x0b])
    const exports = this.#exports.map(({ name, index }): Code => [text(name), 0x00, unsigned(index)])
    const bodies = this.#functions.map(({ code }): Code => [unsigned(code.length), code])
    const sections = [types.list, imports, declared, own, exports, bodies]
    return bytesOf([
      [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      sections.map((items, index): Code => {
        const content = bytesOf([unsigned(items.length), items])
        return [at(SECTIONS, index), unsigned(content.length), content]
      }),
    ])
  }
}

/** The ids of the sections: types, imports, functions, globals, exports, code. */
const SECTIONS = [1, 2, 3, 6, 7, 10]

const I32 = 0x7f
const F64 = 0x7c

/** The function types of a module, each once. */
class Types {
  readonly list: Code[] = []
  readonly #indexes = new Map<string, number>()

  of(params: number, results: number): number {
    const key = `${params} ${results}`
    const known = this.#indexes.get(key)
    if (known !== undefined) return known
    const index = this.list.push([0x60, repeated(params), repeated(results)]) - 1
    this.#indexes.set(key, index)
    return index
  }
}

function repeated(times: number): Code {
  return [unsigned(times), Array<number>(times).fill(I32)]
}

/** A shared memory of `pages` pages that cannot grow. */
function memoryType(pages: number): Code {
  return [0x02, 3, unsigned(pages), unsigned(pages)]
}

function imported(name: string, type: Code): Code {
  return [text('env'), text(name), type]
}

function text(value: string): Code {
  const bytes = [...new TextEncoder().encode(value)]
  return [unsigned(bytes.length), bytes]
}

/** Returns the bytes of a tree of code. */
function bytesOf(code: Code): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(lengthOf(code))
  let length = 0
  const write = (part: Code): void => {
    if (typeof part === 'number') bytes[length++] = part
    else if (part instanceof Uint8Array) {
      bytes.set(part, length)
      length += part.length
    } else part.forEach(write)
  }
  write(code)
  return bytes
}

function lengthOf(code: Code): number {
  if (typeof code === 'number') return 1
  if (code instanceof Uint8Array) return code.length
  return code.reduce<number>((sum, part) => sum + lengthOf(part), 0)
}
