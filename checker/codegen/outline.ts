import type { Vocabulary } from './javascript.ts'
import type { Names } from './names.ts'

/**
 * A rule's body is long if its source has more characters than this. Engines keep local variables in registers
 * and merge them at every join of branches. For a body that steps a whole machine this takes seconds of
 * compilation, and above about 60 kB of bytecode engines do not compile at all. A long body therefore keeps its
 * names in an array, and parts of it become functions.
 */
export const LONG = 12_000

/** A part of a long body becomes a function if its source has more characters than this. */
const PART_LENGTH = 3000

/**
 * Makes functions of the parts of one long body. They share its names through the array, so nothing is passed.
 */
export class Outline {
  readonly #function: string
  readonly #context: string
  readonly #parts: string[] = []

  /** `context` lists the parameters of the rule's function that all parts need. */
  constructor(functionName: string, context: string) {
    this.#function = functionName
    this.#context = context
  }

  /** The functions made so far. */
  get parts(): string {
    return this.#parts.join('')
  }

  /** Prints a long list of statements as calls of functions. */
  readonly printing: Pick<Vocabulary, 'sequence'> = { sequence: (_, texts) => this.#sequence(texts) }

  #sequence(texts: readonly string[]): string {
    const whole = texts.join('')
    if (whole.length <= PART_LENGTH) return whole
    const groups: string[] = []
    for (const text of texts) {
      const last = groups.at(-1)
      if (last !== undefined && last.length + text.length <= PART_LENGTH)
        groups[groups.length - 1] = last + text
      else groups.push(text)
    }
    return groups.map(group => this.#call(group)).join('')
  }

  #call(text: string): string {
    const name = `${this.#function}part${this.#parts.length}`
    this.#parts.push(`function ${name}(${this.#context}) {\n${text}}\n`)
    return `  ${name}(${this.#context})\n`
  }
}

/**
 * Returns the declaration of the array that long bodies keep their names in. It must be printed after them.
 */
export function declareArray(names: Names): string {
  return `const U = new ${names.isWide ? 'Float64Array' : 'Int32Array'}(${names.count})\n`
}
