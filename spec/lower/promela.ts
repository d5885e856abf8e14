import type { Expr, Rule, Stmt, System, Variable } from './ir.ts'
import { chain, promelaExpr, promelaTerm } from './promela-expr.ts'
import { PromelaNames } from './promela-names.ts'
import { readBeforeSet, reads } from './unset.ts'

/** How {@link promela} prints. Neither option changes how many states SPIN finds. */
export interface PromelaOptions {
  /** Print the invariants too: SPIN then stops at the first state or step that breaks one. Default: false. */
  readonly asserts?: boolean
  /** `words`: byte, short, int. `bits`: bit-fields as wide as the variable, fewer bytes a state. Default: `words`. */
  readonly storage?: 'words' | 'bits'
}

/** Why a System cannot be printed. `PML001`: a rule emits an effect, and Promela has no outside to receive it. */
export class PromelaError extends Error {
  readonly code: 'PML001'

  constructor(code: 'PML001', message: string) {
    super(`${code}: ${message}`)
    this.name = 'PromelaError'
    this.code = code
  }
}

/**
 * The System as one Promela process: each rule is one `d_step` option of one loop, and all that is no part of the
 * state is `hidden`. `spin -o2 -a` with `gcc -DSAFETY -DNOREDUCE` then stores exactly the distinct reachable states.
 *
 * @throws PromelaError when a rule emits an effect: a closed world has none.
 */
export function promela(system: System, options: PromelaOptions = {}): string {
  return new Printer(system, options).print()
}

/** Where a guard is broken into its conjuncts, in columns. */
const WIDTH = 100

/** The lines of one statement, without the semicolon that may follow it. */
type Statement = readonly string[]

class Printer {
  readonly #system: System
  readonly #asserts: boolean
  readonly #storage: 'words' | 'bits'
  readonly #names = new PromelaNames()
  readonly #variables: ReadonlySet<string>
  readonly #scratch: ReadonlySet<string>
  /** The identifiers of all hidden cells met so far. */
  readonly #hidden = new Set<string>()

  constructor(system: System, { asserts = false, storage = 'words' }: PromelaOptions) {
    this.#system = system
    this.#asserts = asserts
    this.#storage = storage
    this.#variables = new Set(system.variables.map(one => one.name))
    this.#scratch = new Set(system.scratch)
    // The state has the first choice of names.
    for (const { name } of system.variables) this.#names.of(name)
  }

  print(): string {
    const options = [...this.#system.rules.map(rule => this.#rule(rule)), ...this.#stateInvariants()]
    const process = ['init {', 'end:', '  do', ...options.flat(), '  od', '}']
    const step = this.#afterStep()
    const state = this.#system.variables.map(one => this.#declaration(one))
    const hidden = [...this.#hidden].map(id => `hidden int ${id};`)
    return [
      ...this.#header(),
      '',
      '/* The state. */',
      ...state,
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
    const id = this.#names.of(name)
    const declared = this.#storage === 'bits' ? `unsigned ${id} : ${bits}` : `${wordType(bits)} ${id}`
    return `${declared} = ${initial};${note(id, name)}`
  }

  #rule({ name, guard, body }: Rule): string[] {
    const after = this.#stepInvariants().length > 0 ? [['after_step()']] : []
    const statements = [...this.#start(body), ...this.#block(body, name), ...after]
    return [
      `  /* ${remark(name)} */`,
      ...this.#guard(guard),
      ...sequence(statements.length > 0 ? statements : [['skip']]).map(line => `      ${line}`),
      '    }',
    ]
  }

  #guard(guard: Expr): string[] {
    const line = `  :: d_step { ${this.#expr(guard)} ->`
    if (line.length <= WIDTH) return [line]
    const terms = chain(guard, '&&').map(term => promelaTerm(term, '&&', name => this.#name(name)))
    // An operator ends its line: spin takes the end of any other line for a semicolon.
    const lines = terms.map((term, i) => (i < terms.length - 1 ? `${term} &&` : `${term} ->`))
    return lines.map((one, i) => (i === 0 ? `  :: d_step { ${one}` : `      ${one}`))
  }

  /** What a body needs to find: zero in scratch and locals, and copies of the state before it. */
  #start(body: readonly Stmt[]): Statement[] {
    const told = this.#stepInvariants().flatMap(one => reads(one.holds))
    const needed = new Set([...readBeforeSet(body), ...told].filter(name => !this.#variables.has(name)))
    return [...needed].map(name => {
      const variable = this.#variableBefore(name)
      return [`${this.#name(name)} = ${variable === undefined ? 0 : this.#names.of(variable)}`]
    })
  }

  #block(body: readonly Stmt[], rule: string): Statement[] {
    return body.flatMap(stmt => this.#statement(stmt, rule))
  }

  #statement(stmt: Stmt, rule: string): Statement[] {
    switch (stmt.do) {
      case 'set':
        return [[`${this.#name(stmt.name)} = ${this.#expr(stmt.value)}`]]
      case 'if':
        return this.#if(stmt, rule)
      case 'switch':
        return this.#switch(stmt, rule)
      case 'cover':
        return []
      case 'emit':
        throw new PromelaError(
          'PML001',
          `rule ${rule} emits the effect ${stmt.effect}; close the world by replacing the effect with statements.`,
        )
    }
  }

  #if({ test, yes, no }: Extract<Stmt, { do: 'if' }>, rule: string): Statement[] {
    const taken = this.#block(yes, rule)
    const other = this.#block(no, rule)
    if (taken.length === 0 && other.length === 0) return []
    return [['if', ...branch(this.#expr(test), taken), ...branch('else', other), 'fi']]
  }

  #switch({ on, cases, otherwise }: Extract<Stmt, { do: 'switch' }>, rule: string): Statement[] {
    const other = this.#block(otherwise, rule)
    if (cases.length === 0) return other
    const plain = on.op === 'get'
    const value = plain ? this.#name(on.name) : this.#hide('value', 'switched')
    const branches = cases.map(one => branch(`${value} == ${one.value}`, this.#block(one.body, rule)))
    const choice = ['if', ...branches.flat(), ...branch('else', other), 'fi']
    return plain ? [choice] : [[`${value} = ${this.#expr(on)}`], choice]
  }

  #stepInvariants() {
    return this.#asserts ? this.#system.invariants.filter(one => one.ofStep) : []
  }

  #afterStep(): string[] {
    const asserts = this.#stepInvariants().map(
      ({ id, holds }) => `  assert(${this.#expr(holds)}); /* ${remark(id)} */`,
    )
    return asserts.length > 0 ? ['inline after_step() {', ...asserts, '}'] : []
  }

  /** An option that is enabled only where an invariant is broken: evaluated once a state, and it adds no states. */
  #stateInvariants(): string[][] {
    if (!this.#asserts) return []
    return this.#system.invariants
      .filter(one => !one.ofStep)
      .map(({ id, holds }) => [
        `  /* invariant ${remark(id)} */`,
        `  :: !(${this.#expr(holds)}) -> assert(${this.#expr(holds)})`,
      ])
  }

  #expr(expr: Expr): string {
    return promelaExpr(expr, name => this.#name(name))
  }

  #name(name: string): string {
    if (this.#variables.has(name)) return this.#names.of(name)
    const variable = this.#variableBefore(name)
    if (variable !== undefined) return this.#hide(variable, 'was')
    return this.#hide(name, this.#scratch.has(name) ? 'scratch' : 'local')
  }

  /** The variable whose value before the step `name` stands for, if it is a `was.` name. */
  #variableBefore(name: string): string | undefined {
    const variable = name.startsWith('was.') ? name.slice('was.'.length) : undefined
    return variable !== undefined && this.#variables.has(variable) ? variable : undefined
  }

  #hide(name: string, kind: string): string {
    const id = this.#names.of(name, kind)
    this.#hidden.add(id)
    return id
  }
}

function wordType(bits: number): string {
  if (bits === 1) return 'bit'
  if (bits <= 8) return 'byte'
  // Promela's short is signed: 15 bits of it hold an unsigned number.
  return bits <= 15 ? 'short' : 'int'
}

/** One option of an `if`. */
function branch(test: string, body: readonly Statement[]): string[] {
  const lines = body.length > 0 ? sequence(body) : ['skip']
  if (lines.length === 1) return [`:: ${test} -> ${lines[0]}`]
  return [`:: ${test} ->`, ...lines.map(line => `   ${line}`)]
}

/** The lines of all statements, with a semicolon between two. */
function sequence(statements: readonly Statement[]): string[] {
  const last = statements.length - 1
  return statements.flatMap((lines, i) => (i === last ? lines : [...lines.slice(0, -1), `${lines.at(-1)};`]))
}

/** The System's own name, where the identifier does not show it. */
function note(id: string, name: string): string {
  return id === name ? '' : ` /* ${remark(name)} */`
}

/** `text` inside a comment, which it must not end. */
function remark(text: string): string {
  return text.replaceAll('*/', '* /').replace(/[\r\n\\]+/g, ' ')
}
