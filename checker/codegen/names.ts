import { clashIn } from '../ir/clashes.ts'
import { CheckerError } from '../ir/errors.ts'
import type { Expr, Rule, System } from '../ir/ir.ts'
import { readsOf, usesOf } from '../ir/uses.ts'
import { isWide } from '../ir/widths.ts'

/** Prefix of a name that means a variable's value before the step. */
const WAS = 'was.'

/** The thing that a name of the intermediate form refers to. */
export type Meaning =
  | { readonly kind: 'variable' | 'was' | 'scratch'; readonly index: number }
  | { readonly kind: 'local'; readonly index: number }

/** Resolves the names of one system, and gives each an identifier in generated code. */
export class Names {
  readonly #meanings = new Map<string, Meaning>()
  readonly #variables: number
  readonly #scratch: number
  #locals = 0
  #isWide = false

  constructor(system: System) {
    this.#variables = system.variables.length
    this.#scratch = system.scratch.length
    system.variables.forEach(({ name }, index) => {
      this.#meanings.set(`${WAS}${name}`, { kind: 'was', index })
    })
    system.scratch.forEach((name, index) => {
      this.#meanings.set(name, { kind: 'scratch', index })
    })
    system.variables.forEach(({ name }, index) => {
      this.#meanings.set(name, { kind: 'variable', index })
    })
  }

  meaning(name: string): Meaning {
    const known = this.#meanings.get(name)
    if (known !== undefined) return known
    const made: Meaning = { kind: 'local', index: this.#locals++ }
    this.#isWide ||= isWide(name)
    this.#meanings.set(name, made)
    return made
  }

  /** Reports whether `name` is 0 at the start of every rule. */
  isCell(name: string): boolean {
    const { kind } = this.meaning(name)
    return kind === 'scratch' || kind === 'local'
  }

  /** The number of elements that the array `U` needs for the names met so far. */
  get count(): number {
    return this.#variables + this.#scratch + this.#locals
  }

  /** Reports whether a name met so far may hold more than 32 bits. */
  get isWide(): boolean {
    return this.#isWide
  }

  /** Returns the identifier of `name` in generated code. */
  identifier(name: string): string {
    const { kind, index } = this.meaning(name)
    return `${PREFIX[kind]}${index}`
  }

  /**
   * Returns the element of `name` in the array `U`, for code that keeps all names that rules store to in it.
   * Variables come first.
   */
  place(name: string): string {
    const { kind, index } = this.meaning(name)
    if (kind === 'was') return this.identifier(name)
    const before = {
      variable: 0,
      scratch: this.#variables,
      local: this.#variables + this.#scratch,
    }
    return `U[${before[kind] + index}]`
  }

  /** Returns the indexes of those `names` that are variables. */
  variables(names: Iterable<string>): Set<number> {
    const indexes = new Set<number>()
    for (const name of names) {
      const { kind, index } = this.meaning(name)
      if (kind === 'variable' || kind === 'was') indexes.add(index)
    }
    return indexes
  }
}

const PREFIX = { variable: 'v', was: 'p', scratch: 's', local: 'l' } as const

/**
 * Throws CHK002 if a variable's width or initial value is out of range, or if a rule or predicate reads an unknown name.
 */
export function assertWellFormed(system: System): void {
  assertWellBegun(system)
  const names = new Names(system)
  for (const rule of system.rules) assertBody(system, rule, names)
}

/** Throws CHK002 as {@link assertWellFormed} does, but reads no bodies of rules. */
export function assertWellBegun(system: System): void {
  const names = new Names(system)
  const clash = clashIn(system)
  if (clash) reject(system, clash)
  for (const { name, bits, initial } of system.variables) {
    if (!(Number.isInteger(bits) && bits >= 1 && bits <= 31)) {
      reject(system, `variable ${name} has ${bits} bits; give it 1 to 31`)
    }
    if (!(Number.isInteger(initial) && initial >= 0 && initial < 2 ** bits)) {
      reject(system, `variable ${name} starts at ${initial}, which does not fit its ${bits} bits`)
    }
  }
  const check = (where: string, ofStep: boolean, expr: Expr) => {
    const kinds = ofStep ? (['variable', 'was', 'scratch'] as const) : (['variable'] as const)
    assertKnown(system, names, where, kinds, readsOf(expr))
  }
  for (const { name, guard } of system.rules) check(`the guard of ${name}`, false, guard)
  for (const { id, ofStep, holds } of system.invariants) check(`invariant ${id}`, ofStep, holds)
  for (const { name, ofStep, seen } of system.witnesses) check(`witness ${name}`, ofStep, seen)
  for (const { id, when, goal } of system.recoveries) {
    check(`recovery ${id}`, false, when)
    check(`recovery ${id}`, false, goal)
  }
  for (const { id, when, goal } of system.liveness) {
    check(`liveness ${id}`, false, when)
    check(`liveness ${id}`, false, goal)
  }
  for (const { name, each } of system.rules) if (each) check(`each of ${name}`, false, each)
  check('final', false, system.final)
}

/** Throws CHK002 if the body of a rule reads an unknown name, or stores into a past value. */
export function assertBody(system: System, { name, body }: Rule, names: Names): void {
  const { reads, writes } = usesOf(body)
  assertKnown(system, names, name, ['variable', 'scratch'], reads, writes)
  for (const written of writes)
    if (names.meaning(written).kind === 'was')
      reject(system, `${name} stores into ${written}; store without ${WAS}`)
}

/** Throws CHK002 unless each name that `where` reads is of one of `kinds`, or among `known`. */
function assertKnown(
  system: System,
  names: Names,
  where: string,
  kinds: readonly Meaning['kind'][],
  reads: Iterable<string>,
  known?: ReadonlySet<string>,
): void {
  for (const name of reads)
    if (!(kinds.includes(names.meaning(name).kind) || known?.has(name)))
      reject(system, `${where} reads ${name}, which it does not have`)
}

function reject(system: System, what: string): never {
  throw new CheckerError('CHK002', `system ${system.name}: ${what}`)
}
