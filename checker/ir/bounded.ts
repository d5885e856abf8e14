/**
 * Computes the values that every expression of a system can have, from the widths of variables and the tests of
 * rules. A proved operation costs nothing. Every printed program checks the others in the same way: a store of a
 * value that may not fit its variable, an index that may be outside its list, a remainder by a value that may be
 * 0, and arithmetic that may leave the numbers that JavaScript represents exactly.
 *
 * Arithmetic that may need more than 32 bits is marked, and so are locals that hold it.
 */

import { ExpressionBounder } from './boundedExpression.ts'
import { CheckerError } from './errors.ts'
import { mayTrap } from './expression.ts'
import { fitsInt32, type Interval, ofBits, only, union, within } from './interval.ts'
import type { Expr, Rule, Stmt, System } from './ir.ts'
import { Known } from './known.ts'
import { lastReads } from './lastReads.ts'
import { Rewriting } from './rewriting.ts'
import { withBody } from './rules.ts'
import { CELL_BITS, isWide, WIDE } from './widths.ts'

const WAS = 'was.'

/** The body or predicate that is being analysed. */
interface Context {
  /** Its name, such as `rule deliver(2)`; and the same with the name of the system. */
  readonly own: string
  readonly full: string
  readonly known: Known
}

class Bounder {
  readonly #system: System
  readonly #widths: ReadonlyMap<string, number>
  readonly #scratch: ReadonlySet<string>
  #context!: Context
  readonly #expressions = new ExpressionBounder(where => this.#placed(where))
  /** The last coverage point passed: the transition that is being taken. */
  #point: number | undefined
  readonly #wide = new Set<string>()
  /** The last statement of the rule that reads each name, and the number of the statement that is being analysed. */
  #reads: ReadonlyMap<string, number> = new Map()
  #now = 0
  /** The values that rules may leave in each scratch cell. */
  readonly #left = new Map<string, Interval>()

  constructor(system: System) {
    this.#system = system
    this.#scratch = new Set(system.scratch)
    this.#widths = new Map([
      ...system.variables.map(({ name, bits }) => [name, bits] as const),
      ...system.scratch.map(name => [name, CELL_BITS] as const),
    ])
  }

  system(): System {
    // Rules come first, because invariants read the cells that rules leave.
    const rules = this.#system.rules.map(rule => ({ ...rule, ...this.#front(rule), body: this.#rest(rule) }))
    return { ...this.#predicates(name => this.#left.get(name) ?? only(0)), rules }
  }

  /** Returns the system with bodies that are analysed when they are first read. */
  whenRead(): System {
    const rules = this.#system.rules.map(rule => {
      const { name, kind, helps, fair } = rule
      const front = { name, kind, helps, ...(fair && { fair }), ...this.#front(rule) }
      return withBody(front, () => {
        this.#front(rule)
        return this.#rest(rule)
      })
    })
    return { ...this.#predicates(() => ofBits(CELL_BITS)), rules }
  }

  /** Returns the system with analysed predicates. `cellOf` returns the values that rules may leave in a scratch cell. */
  #predicates(cellOf: (name: string) => Interval): System {
    const { invariants, recoveries, liveness, witnesses, final } = this.#system
    const predicate = (own: string, expr: Expr): Expr => {
      this.#begin(own, cellOf)
      return this.#expressions.of(expr).expr
    }
    const property = <T extends { readonly id: string; readonly when: Expr; readonly goal: Expr }>(
      kind: string,
      one: T,
    ): T => ({
      ...one,
      when: predicate(`${kind} ${one.id}`, one.when),
      goal: predicate(`${kind} ${one.id}`, one.goal),
    })
    return {
      ...this.#system,
      invariants: invariants.map(one => ({ ...one, holds: predicate(`invariant ${one.id}`, one.holds) })),
      recoveries: recoveries.map(one => property('recovery', one)),
      liveness: liveness.map(one => property('liveness', one)),
      witnesses: witnesses.map(one => ({ ...one, seen: predicate(`witness ${one.name}`, one.seen) })),
      final: predicate('final', final),
    }
  }

  #begin(own: string, cellOf: (name: string) => Interval): void {
    const unknown = (name: string): Interval => {
      const variable = name.startsWith(WAS) ? name.slice(WAS.length) : name
      const bits = this.#widths.get(name) ?? this.#widths.get(variable)
      if (bits === undefined || this.#scratch.has(name)) return cellOf(name)
      return ofBits(bits)
    }
    const known = new Known(unknown)
    this.#context = { own, full: `${own} of ${this.#system.name}`, known }
    this.#expressions.known = known
    this.#point = undefined
  }

  /** Analyses the guard and `each` of a rule. Cells are 0 at its start. */
  #front({ name, guard, each }: Rule): Pick<Rule, 'guard' | 'each'> {
    this.#begin(`rule ${name}`, () => only(0))
    const test = this.#expressions.of(guard)
    this.#context.known.assume(test.expr, true)
    return { guard: test.expr, ...(each ? { each: this.#each(name, each) } : {}) }
  }

  /** Returns the body of the rule whose front was analysed last. */
  #rest({ body }: Rule): readonly Stmt[] {
    this.#wide.clear()
    this.#reads = lastReads(body)
    this.#now = 0
    const made = this.#body(body)
    return this.#wide.size === 0 ? made : this.#renamed(made)
  }

  /** Throws CHK002 for a value that may be rejected, be negative, or have more than 31 bits. */
  #each(name: string, each: Expr): Expr {
    const { expr, values } = this.#expressions.of(each)
    if (within(values, ofBits(CELL_BITS)) && !mayTrap(expr)) return expr
    throw new CheckerError(
      'CHK002',
      `system ${this.#system.name}: each of rule ${name} may be ${values.least} to ${values.most}, or reject a value; give it a value from 0 to 2^${CELL_BITS} - 1`,
    )
  }

  #body(body: readonly Stmt[]): readonly Stmt[] {
    let isSame = true
    const made = body.map(stmt => {
      const one = this.#stmt(stmt)
      isSame &&= one === stmt
      return one
    })
    return isSame ? body : made
  }

  #stmt(stmt: Stmt): Stmt {
    const { known } = this.#context
    this.#now++
    switch (stmt.do) {
      case 'set':
        return this.#store(stmt)
      case 'cover':
        this.#point = stmt.point
        return stmt
      case 'emit':
        return {
          ...stmt,
          args: stmt.args.map(arg => ({ ...arg, value: this.#expressions.of(arg.value).expr })),
        }
      case 'if': {
        const { expr: test } = this.#expressions.of(stmt.test)
        let [yes, no] = [stmt.yes, stmt.no]
        this.#branch([
          () => {
            known.assume(test, true)
            yes = this.#body(stmt.yes)
          },
          () => {
            known.assume(test, false)
            no = this.#body(stmt.no)
          },
        ])
        return test === stmt.test && yes === stmt.yes && no === stmt.no ? stmt : { ...stmt, test, yes, no }
      }
      case 'switch': {
        const { expr: on } = this.#expressions.of(stmt.on)
        let { otherwise } = stmt
        const cases = [...stmt.cases]
        this.#branch([
          ...stmt.cases.map((one, index) => () => {
            known.assume({ op: '==', left: on, right: { op: 'number', value: one.value } }, true)
            const body = this.#body(one.body)
            if (body !== one.body) cases[index] = { ...one, body }
          }),
          () => {
            otherwise = this.#body(stmt.otherwise)
          },
        ])
        const isSame = on === stmt.on && otherwise === stmt.otherwise
        return isSame && cases.every((one, i) => one === stmt.cases[i])
          ? stmt
          : { ...stmt, on, cases, otherwise }
      }
    }
  }

  #branch(bodies: readonly (() => void)[]): void {
    const point = this.#point
    this.#context.known.branch(
      bodies.map(body => () => {
        this.#point = point
        body()
      }),
      this.#isRead,
    )
    this.#point = point
  }

  /** Reports whether the rest of the rule or a check may read `name`. Most locals matter only where they are made. */
  readonly #isRead = (name: string): boolean =>
    (this.#reads.get(name) ?? 0) > this.#now || this.#widths.has(name)

  #store(stmt: Extract<Stmt, { do: 'set' }>): Stmt {
    const { name } = stmt
    const { expr, values } = this.#expressions.of(stmt.value)
    const bits = this.#widths.get(name)
    if (bits === undefined) {
      if (!fitsInt32(values)) this.#wide.add(name)
      this.#context.known.set(name, values)
      return expr === stmt.value ? stmt : { ...stmt, value: expr }
    }
    const value = this.#expressions.checked(expr, values, 'store', ofBits(bits), name)
    this.#context.known.set(name, value.values)
    if (this.#scratch.has(name)) this.#left.set(name, union(this.#left.get(name) ?? only(0), value.values))
    return value.expr === stmt.value ? stmt : { ...stmt, value: value.expr }
  }

  /**
   * Returns `where` with the rule and the system in front, and with the transition behind it unless it names
   * the transition itself.
   */
  #placed(where: string): string {
    const { own, full } = this.#context
    if (where.startsWith(full)) return where
    if (where === '')
      return this.#point === undefined ? full : `${full}, ${this.#system.coverage[this.#point]}`
    return where.startsWith(own) ? full + where.slice(own.length) : `${full}, ${where}`
  }

  /** Marks the locals of `body` that may hold more than 32 bits. */
  #renamed(body: readonly Stmt[]): readonly Stmt[] {
    const name = (one: string) => (this.#wide.has(one) && !isWide(one) ? one + WIDE : one)
    return new Rewriting({ name }).body(body)
  }
}

const known = new WeakMap<System, System>()

/**
 * Returns the system with a check for each operation that is not proved. Returns the same object for the same
 * system. Returns a bounded system unchanged.
 */
export function bounded(system: System): System {
  const before = known.get(system)
  if (before) return before
  const made = new Bounder(system).system()
  known.set(system, made)
  known.set(made, made)
  return made
}

/**
 * Returns the system as {@link bounded} does, for callers that take few of its rules: the body of a rule is analysed when it
 * is first read. Predicates check more, because they cannot rely on what rules leave in scratch cells.
 */
export function boundedWhenRead(system: System): System {
  return known.get(system) ?? new Bounder(system).whenRead()
}
