import { bounded } from '../../ir/bounded.ts'
import { exposedReads } from '../../ir/exposed.ts'
import { mayTrap } from '../../ir/expression.ts'
import type { Expr, Invariant, Rule, Stmt, System, Variable } from '../../ir/ir.ts'
import { printNumber } from '../../ir/print.ts'
import { bodiesOf, valuesOf } from '../../ir/statement.ts'
import { heldWithoutTrap, trapOf } from '../../ir/traps.ts'
import { readsOf } from '../../ir/uses.ts'
import { isWide } from '../../ir/widths.ts'
import { CodedError } from '../../text/errors.ts'
import { type Bodies, promelaBody, sequence } from './body.ts'
import { PromelaCells } from './cells.ts'

/** Options of {@link promela}. None changes the number of states that SPIN finds. */
export interface PromelaOptions {
  /**
   * Print the invariants too. SPIN then stops at the first state or step that violates one. Default: false.
   */
  readonly asserts?: boolean
  /**
   * `words`: byte, short, int. `bits`: bit-fields as wide as the variables, for smaller states. Default:
   * `words`.
   */
  readonly storage?: 'words' | 'bits'
  /** `promela`: rules are Promela, unless SPIN has limits that they exceed. `c`: embedded C. Default: `promela`. */
  readonly bodies?: Bodies
}

/**
 * Why a System cannot be printed. `PML001`: a rule emits an effect, and Promela has no outside to receive it.
 * `PML002`: an expression needs more than the 32 bits of Promela's numbers.
 */
type PromelaCode = 'PML001' | 'PML002'

/** A System cannot be printed. */
export class PromelaError extends CodedError<PromelaCode> {
  override readonly name = 'PromelaError'
}

/**
 * Prints a System as one Promela process. Each rule is one `d_step` option of one loop, and everything outside
 * the state is `hidden`. `spin -o2 -a` with `gcc -DSAFETY -DNOREDUCE` then stores exactly the distinct
 * reachable states. A rejected value ends SPIN's search as a failed assertion.
 *
 * @throws PromelaError if a rule emits an effect, or an expression needs more than 32 bits
 */
export function promela(system: System, options: PromelaOptions = {}): string {
  return new Printer(system, options).print()
}

/** A guard is broken into its conjuncts if its line is longer than this, in columns. */
const WIDTH = 100

class Printer {
  readonly #system: System
  readonly #options: Required<PromelaOptions>
  readonly #cells: PromelaCells
  readonly #stepInvariants: readonly Invariant[]

  constructor(system: System, { asserts = false, storage = 'words', bodies = 'promela' }: PromelaOptions) {
    this.#system = bounded(system)
    rejectWide(this.#system)
    this.#options = { asserts, storage, bodies }
    this.#cells = new PromelaCells(system)
    this.#stepInvariants = asserts ? this.#system.invariants.filter(one => one.ofStep) : []
  }

  print(): string {
    const rules = this.#system.rules.flatMap(rule => this.#rule(rule))
    const process = [
      'init {',
      'end:',
      '  do',
      ...rules,
      ...this.#guardTraps(),
      ...this.#stateInvariants(),
      '  od',
      '}',
    ]
    const step = this.#afterStep()
    const hidden = this.#cells.hidden.map(id => `hidden int ${id};`)
    return [
      ...this.#header(),
      '',
      '/* The state. */',
      ...this.#system.variables.map(one => this.#declaration(one)),
      ...(hidden.length > 0 ? ['', '/* No part of the state: dead between two steps. */', ...hidden] : []),
      ...(step.length > 0 ? ['', ...step] : []),
      '',
      ...process,
      '',
    ].join('\n')
  }

  #header(): string[] {
    const { name, variables, rules } = this.#system
    return [
      `/* ${remark(name)}: ${variables.length} variables, ${rules.length} rules.`,
      ' *',
      ' *   spin -o2 -a FILE && gcc -O3 -DSAFETY -DNOREDUCE -o pan pan.c && ./pan -m1000000',
      ' *',
      ' * "states, stored" counts the distinct reachable states. -o2 keeps dead variables in them, -DNOREDUCE',
      ' * keeps every interleaving. Should pan say "max search depth too small", give a larger -m.',
      ' */',
    ]
  }

  #declaration({ name, bits, initial }: Variable): string {
    const id = this.#cells.name(name)
    const declared = this.#options.storage === 'bits' ? `unsigned ${id} : ${bits}` : `${wordType(bits)} ${id}`
    const note = id === name ? '' : ` /* ${remark(name)} */`
    return `${declared} = ${initial};${note}`
  }

  #rule({ name, guard, body }: Rule): string[] {
    rejectEffects(name, body)
    const after = this.#stepInvariants.length > 0 ? [['after_step()']] : []
    const statements = [
      ...this.#start(body),
      ...promelaBody(body, this.#cells, this.#options.bodies),
      ...after,
    ]
    return [
      `  /* ${remark(name)} */`,
      ...this.#guard(guard),
      ...sequence(statements.length > 0 ? statements : [['skip']]).map(line => `      ${line}`),
      '    }',
    ]
  }

  #guard(guard: Expr): string[] {
    const line = `  :: d_step { ${this.#cells.promela(guard)} ->`
    if (line.length <= WIDTH) return [line]
    const terms = this.#cells.conjuncts(guard)
    // An operator ends its line: spin takes the end of any other line for a semicolon.
    const lines = terms.map((term, i) => (i < terms.length - 1 ? `${term} &&` : `${term} ->`))
    return lines.map((one, i) => (i === 0 ? `  :: d_step { ${one}` : `      ${one}`))
  }

  /**
   * Returns the initial values that a body needs: 0 for scratch cells and locals, copies of the state for
   * `was.` names.
   */
  #start(body: readonly Stmt[]): string[][] {
    const told = this.#stepInvariants.flatMap(one => [...readsOf(one.holds)])
    const needed = new Set([...exposedReads(body), ...told].filter(name => !this.#cells.isState(name)))
    return [...needed].map(name => [`${this.#cells.name(name)} = ${this.#cells.start(name)}`])
  }

  #afterStep(): string[] {
    const asserts = this.#stepInvariants.map(
      ({ id, holds }) => `  assert(${this.#cells.promela(heldWithoutTrap(holds))}); /* ${remark(id)} */`,
    )
    return asserts.length > 0 ? ['inline after_step() {', ...asserts, '}'] : []
  }

  /** Options that are enabled only where a guard rejects a value. */
  #guardTraps(): string[] {
    return this.#system.rules
      .filter(({ guard }) => mayTrap(guard))
      .flatMap(({ name, guard }) => [
        `  /* a value is rejected in the guard of ${remark(name)} */`,
        `  :: ${this.#cells.promela(trapOf(guard))} -> assert(false)`,
      ])
  }

  /**
   * Options that are enabled only where an invariant is violated. SPIN evaluates them once for each state, and
   * they add no states.
   */
  #stateInvariants(): string[] {
    if (!this.#options.asserts) return []
    return this.#system.invariants
      .filter(one => !one.ofStep)
      .flatMap(({ id, holds }) => {
        const printed = this.#cells.promela(heldWithoutTrap(holds))
        return [`  /* invariant ${remark(id)} */`, `  :: !(${printed}) -> assert(${printed})`]
      })
  }
}

function rejectEffects(rule: string, body: readonly Stmt[]): void {
  for (const stmt of body) {
    if (stmt.do === 'emit') {
      throw new PromelaError(
        'PML001',
        `rule ${rule} emits the effect ${stmt.effect}; close the world by replacing the effect with statements.`,
      )
    }
    if (stmt.do === 'if') for (const path of [stmt.yes, stmt.no]) rejectEffects(rule, path)
    if (stmt.do === 'switch') {
      for (const path of [...stmt.cases.map(one => one.body), stmt.otherwise]) rejectEffects(rule, path)
    }
  }
}

/** Throws PML002. */
function rejectWide({ rules, invariants }: System): void {
  const look = (where: string) => (expr: Expr) => {
    const part = widePart(expr)
    if (part === undefined) return
    throw new PromelaError(
      'PML002',
      `${where} computes ${printNumber(part, { read: name => name, check: (_, value) => value })}, which may need more ` +
        "than Promela's 32 bits; bound its operands.",
    )
  }
  const lookIn = (where: string, body: readonly Stmt[]): void => {
    for (const stmt of body) {
      valuesOf(stmt).forEach(look(where))
      for (const inner of bodiesOf(stmt)) lookIn(where, inner)
    }
  }
  for (const { name, guard, body } of rules) {
    look(`rule ${name}`)(guard)
    lookIn(`rule ${name}`, body)
  }
  for (const { id, holds } of invariants) look(`invariant ${id}`)(holds)
}

/** Returns the innermost part of `expr` that may need more than 32 bits. */
function widePart(expr: Expr): Expr | undefined {
  switch (expr.op) {
    case 'number':
      return (expr.value | 0) === expr.value ? undefined : expr
    case 'get':
      return isWide(expr.name) ? expr : undefined
    case '!':
    case 'check':
    case 'note':
      return widePart(expr.of)
    case '?':
      return widePart(expr.test) ?? widePart(expr.yes) ?? widePart(expr.no)
    default:
      return widePart(expr.left) ?? widePart(expr.right) ?? (expr.wide ? expr : undefined)
  }
}

function wordType(bits: number): string {
  if (bits === 1) return 'bit'
  if (bits <= 8) return 'byte'
  // Promela's short is signed: 15 bits of it hold an unsigned number.
  return bits <= 15 ? 'short' : 'int'
}

/** Returns `text` so that it does not end the comment around it. */
function remark(text: string): string {
  return text.replaceAll('*/', '* /').replace(/[\r\n\\]+/g, ' ')
}
