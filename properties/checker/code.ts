import type { Expr, Rule, System } from '../../spec/lower/ir.ts'
import { printTruth } from '../../spec/lower/javascript.ts'
import { type Check, OVERFLOW } from './checks.ts'
import { Names } from './names.ts'
import { type Layout, layOut, maskOf } from './packing.ts'
import { printRule, variableAt } from './rule.ts'
import { readsOf, sizeOf } from './uses.ts'

/**
 * Prints the parts that read and write packed states. State `s` lies in `S` from `s * words` on; successors are
 * appended to the batch `B`, each as its words and then its parent.
 */
export class Code {
  readonly system: System
  readonly checks: readonly Check[]
  readonly layout: Layout
  readonly names: Names
  /** Whether rules keep coverage and evaluate step checks. */
  readonly #observed: boolean

  constructor(system: System, checks: readonly Check[], observed: boolean) {
    this.system = system
    this.checks = checks
    this.layout = layOut(system.variables)
    this.names = new Names(system)
    this.#observed = observed
  }

  /** Functions `rule<i>(s, b, o)`: write to `B[o]` the successor, by rule i, of state `s` whose words are at `S[b]`. */
  rule(rule: Rule): string {
    const number = this.system.rules.indexOf(rule)
    const { uses, writes, text, inArray, parts } = printRule(
      {
        system: this.system,
        names: this.names,
        checks: this.#observed ? this.checks : [],
        cover: point => (this.#observed ? `C[${point}]++` : ''),
        hit: check => `hit(${check}, s, ${number})`,
        overflow: () => `hit(${OVERFLOW}, s, ${number})`,
        prefix: 'rule',
        context: 's',
      },
      rule,
    )
    return [
      parts,
      `function rule${number}(s, b, o) {\n`,
      this.#loadWords(uses),
      this.#loadVariables(uses, writes, inArray),
      text,
      this.#storeWords(uses, writes, inArray),
      '}\n',
    ].join('')
  }

  /** Functions `<name><n>(s, b, o)` that take every enabled one of `rules` and return the new end of the batch. */
  fire(name: string, rules: readonly Rule[]): { text: string; calls: string } {
    const groups = splitBySize(rules, rule => sizeOf(rule.guard) + CALL_SIZE)
    const functions = groups.map((group, index) => {
      const uses = this.names.variables(readsOf(...group.map(({ guard }) => guard)))
      const takes = group.map(rule => {
        const take = `rule${this.system.rules.indexOf(rule)}(s, b, o); o += ${this.layout.words + 1}`
        return `  if (${this.#test(rule.guard)}) { ${take} }\n`
      })
      return `function ${name}${index}(s, b, o) {\n${this.#load(uses)}${takes.join('')}  return o\n}\n`
    })
    const calls = groups.map((_, index) => `    o = ${name}${index}(s, b, o)\n`)
    return { text: functions.join(''), calls: calls.join('') }
  }

  /** Functions `<name><n>(from, to)` that report which of `checks` are found in states `from` to before `to`. */
  inspect(name: string): { text: string; calls: string } {
    const looked = this.checks
      .map((check, number) => ({ check, number }))
      .filter(({ check }) => !check.ofStep && check.kind !== 'deadlock')
    const groups = splitBySize(looked, ({ check }) => sizeOf(check.found))
    const functions = groups.map((group, index) => {
      const uses = this.names.variables(readsOf(...group.map(({ check }) => check.found)))
      const tests = group.map(({ check, number }) => {
        const once = check.kind === 'witness' ? `F[${hitSlot(number)}] === 0 && ` : ''
        return `  if (${once}${this.#test(check.found)}) hit(${number}, s, -1)\n`
      })
      const loop = `for (let s = from, b = from * ${this.layout.words}; s < to; s++, b += ${this.layout.words})`
      return `function ${name}${index}(from, to) {\n  ${loop} {\n${this.#load(uses)}${tests.join('')}  }\n}\n`
    })
    return { text: functions.join(''), calls: groups.map((_, i) => `  ${name}${i}(from, to)\n`).join('') }
  }

  /** A function `<name>(b)` that tells which of `exprs` hold in the state at `S[b]`, as a bit mask. */
  bits(name: string, exprs: readonly Expr[]): string {
    const uses = this.names.variables(readsOf(...exprs))
    const bits = exprs.map((expr, index) => `(${this.#test(expr)} ? ${1 << index} : 0)`)
    return `function ${name}(b) {\n${this.#load(uses)}  return ${bits.join(' | ') || '0'}\n}\n`
  }

  #test(expr: Expr): string {
    return printTruth(expr, name => this.names.identifier(name))
  }

  #load(uses: ReadonlySet<number>): string {
    return this.#loadWords(uses) + this.#loadVariables(uses, new Set(), false)
  }

  #loadWords(uses: ReadonlySet<number>): string {
    const words = new Set([...uses].map(index => this.layout.fields[index]!.word))
    return [...words].map(word => `  const w${word} = S[b + ${word}]\n`).join('')
  }

  #loadVariables(uses: ReadonlySet<number>, writes: ReadonlySet<number>, inArray: boolean): string {
    return [...uses]
      .map(index => {
        const field = this.layout.fields[index]!
        const declare = inArray ? '' : writes.has(index) ? 'let ' : 'const '
        return `  ${declare}${variableAt(inArray, index)} = (w${field.word} >>> ${field.shift}) & ${maskOf(field)}\n`
      })
      .join('')
  }

  #storeWords(uses: ReadonlySet<number>, writes: ReadonlySet<number>, inArray: boolean): string {
    const loaded = new Set([...uses].map(index => this.layout.fields[index]!.word))
    const lines = Array.from({ length: this.layout.words }, (_, word) => {
      const fields = this.layout.fields.map((field, index) => ({ ...field, index }))
      const changed = fields.filter(field => field.word === word && writes.has(field.index))
      const kept = changed.reduce((mask, field) => mask & ~(maskOf(field) << field.shift), -1)
      const parts = changed.map(
        field => `((${variableAt(inArray, field.index)} & ${maskOf(field)}) << ${field.shift})`,
      )
      const old = loaded.has(word) ? `w${word}` : `S[b + ${word}]`
      const value = changed.length === 0 ? old : [`(${old} & ${kept})`, ...parts].join(' | ')
      return `  B[o + ${word}] = ${value}\n`
    })
    return `${lines.join('')}  B[o + ${this.layout.words}] = s\n`
  }
}

/** Where in the array of hits the state in which check number `check` was first found is kept; the rule follows. */
export function hitSlot(check: number): number {
  return 1 + 2 * check
}

/** Nodes of expressions in one generated function: V8 does not optimize functions above some 60 kB of bytecode. */
const FUNCTION_SIZE = 800

/** What the call of a rule adds to the size of a function, in nodes. */
const CALL_SIZE = 6

function splitBySize<T>(items: readonly T[], size: (item: T) => number): T[][] {
  const groups: T[][] = []
  let filled = FUNCTION_SIZE
  for (const item of items) {
    filled += size(item)
    if (filled > FUNCTION_SIZE) {
      groups.push([])
      filled = size(item)
    }
    groups.at(-1)!.push(item)
  }
  return groups
}
