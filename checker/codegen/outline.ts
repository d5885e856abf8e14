import type { Vocabulary } from './javascript.ts'
import type { Names } from './names.ts'

/**
 * Characters of source above which a rule's body is long. Engines keep local variables in registers and merge them at every
 * join of branches; in a body that steps a whole machine that takes seconds of compilation, or, above some 60 kB of
 * bytecode, is not tried at all. A long body therefore keeps its names in an array, and its parts are functions.
 */
export const LONG = 12_000

/** Characters of source above which a part of a long body becomes a function. */
const PART_LENGTH = 3000

/** Makes functions of the parts of one long body. They share its names through the array, so nothing is passed. */
export class Outline {
  readonly #function: string
  readonly #context: string
  readonly #parts: string[] = []

  /** `context` names what is passed on to all parts besides: the parameters of the rule's function they need. */
  constructor(functionName: string, context: string) {
    this.#function = functionName
    this.#context = context
  }

  /** The functions made so far. */
  get parts(): string {
    return this.#parts.join('')
  }

  /** How statements are printed: a list as calls of parts if it is long. */
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

/** The declaration of the array that long bodies keep their names in; to be printed after them. */
export function declareArray(names: Names): string {
  return `const U = new ${names.isWide ? 'Float64Array' : 'Int32Array'}(${names.count})\n`
}
