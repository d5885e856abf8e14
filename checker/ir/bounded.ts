/**
 * Computes the values that every expression of a system can have, from the widths of variables and the tests of
 * rules. A proved operation costs nothing. Every printed program checks the others in the same way: a store of a
 * value that may not fit its variable, an index that may be outside its list, a remainder by a value that may be
 * 0, and arithmetic that may leave the numbers that JavaScript represents exactly.
 *
 * Arithmetic that may need more than 32 bits is marked, and so are locals that hold it.
 */

import { CheckerError } from './errors.ts'
import { mayTrap } from './expression.ts'
import {
  apply,
  EXACT,
  fitsInt32,
  type Interval,
  ofBits,
  only,
  overlap,
  truthOf,
  union,
  within,
} from './interval.ts'
import type { Checked, CheckKind, Expr, Rule, Stmt, System } from './ir.ts'
import { Known } from './known.ts'
import { lastReads } from './lastReads.ts'
import { printNumber } from './print.ts'
import { Rewriting } from './rewriting.ts'
import { withBody } from './rules.ts'
import { isWide, WIDE } from './wide.ts'

/** Bits of a scratch cell. */
export const CELL_BITS = 31

const WAS = 'was.'
const EXACTLY: Interval = { least: -EXACT, most: EXACT }

/** An expression, and the values that it can have. */
interface Bounded {
  readonly expr: Expr
  readonly values: Interval
}

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
      return this.#expr(expr).expr
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
    this.#context = { own, full: `${own} of ${this.#system.name}`, known: new Known(unknown) }
    this.#point = undefined
  }

  /** Analyses the guard and `each` of a rule. Cells are 0 at its start. */
  #front({ name, guard, each }: Rule): Pick<Rule, 'guard' | 'each'> {
    this.#begin(`rule ${name}`, () => only(0))
    const test = this.#expr(guard)
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
    const { expr, values } = this.#expr(each)
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
        return { ...stmt, args: stmt.args.map(arg => ({ ...arg, value: this.#expr(arg.value).expr })) }
      case 'if': {
        const { expr: test } = this.#expr(stmt.test)
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
        const { expr: on } = this.#expr(stmt.on)
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
    const { expr, values } = this.#expr(stmt.value)
    const bits = this.#widths.get(name)
    if (bits === undefined) {
      if (!fitsInt32(values)) this.#wide.add(name)
      this.#context.known.set(name, values)
      return expr === stmt.value ? stmt : { ...stmt, value: expr }
    }
    const value = this.#checked(expr, values, 'store', ofBits(bits), name)
    this.#context.known.set(name, value.values)
    if (this.#scratch.has(name)) this.#left.set(name, union(this.#left.get(name) ?? only(0), value.values))
    return value.expr === stmt.value ? stmt : { ...stmt, value: value.expr }
  }

  #expr(expr: Expr): Bounded {
    const { known } = this.#context
    switch (expr.op) {
      case 'number':
        return { expr, values: only(expr.value) }
      case 'get':
        return { expr, values: known.of(expr.name) }
      case '!': {
        const of = this.#expr(expr.of)
        const truth = truthOf(of.values)
        const values = truth === undefined ? { least: 0, most: 1 } : only(truth ? 0 : 1)
        return { expr: of.expr === expr.of ? expr : { ...expr, of: of.expr }, values }
      }
      case 'note': {
        const of = this.#expr(expr.of)
        return { expr: of.expr === expr.of ? expr : { ...expr, of: of.expr }, values: of.values }
      }
      case 'check': {
        const of = this.#expr(expr.of)
        const where = this.#placed(expr.where)
        const made = this.#checked(of.expr, of.values, expr.kind, expr, expr.source, where)
        const isSame = made.expr.op === 'check' && made.expr.of === expr.of && where === expr.where
        return isSame ? { ...made, expr } : made
      }
      case '?':
        return this.#either(expr)
      case '&&':
      case '||': {
        const left = this.#expr(expr.left)
        const right = known.where(left.expr, expr.op === '&&', () => this.#expr(expr.right))
        return this.#binary(expr, left, right)
      }
      default:
        return this.#binary(expr, this.#expr(expr.left), this.#expr(expr.right))
    }
  }

  #either(expr: Extract<Expr, { op: '?' }>): Bounded {
    const { known } = this.#context
    const { expr: test, values } = this.#expr(expr.test)
    const [yes, no] = [
      known.where(test, true, () => this.#expr(expr.yes)),
      known.where(test, false, () => this.#expr(expr.no)),
    ]
    const isSame = test === expr.test && yes.expr === expr.yes && no.expr === expr.no
    const truth = truthOf(values)
    const both = {
      least: Math.min(yes.values.least, no.values.least),
      most: Math.max(yes.values.most, no.values.most),
    }
    return {
      expr: isSame ? expr : { op: '?', test, yes: yes.expr, no: no.expr },
      values: truth === undefined ? both : (truth ? yes : no).values,
    }
  }

  #binary(expr: Extract<Expr, { left: Expr }>, left: Bounded, right: Bounded): Bounded {
    const { op } = expr
    if (op === '%') right = this.#checked(right.expr, right.values, 'remainder', EXACTLY, textOf(expr))
    if (op === '<<' || op === '>>') right = shiftBy(right)
    if ((op === '|' || op === '<<' || op === '>>') && isZero(right) && fitsInt32(left.values)) return left
    if (op === '|' && isZero(left) && fitsInt32(right.values)) return right
    const values = apply(op, left.values, right.values)
    const wide = !fitsInt32(values)
    const isSame = left.expr === expr.left && right.expr === expr.right && (!wide || expr.wide)
    const made: Expr = isSame
      ? expr
      : { op, left: left.expr, right: right.expr, ...(wide || expr.wide ? { wide: true as const } : {}) }
    return wide ? this.#checked(made, values, 'exact', EXACTLY, textOf(expr)) : { expr: made, values }
  }

  /** Returns `expr` if all its values are within `limits`. Otherwise adds a check. */
  #checked(
    expr: Expr,
    values: Interval,
    kind: CheckKind,
    { least, most }: Interval,
    source: string,
    where = this.#placed(''),
  ): Bounded {
    const limits = { least, most }
    const divisor = kind === 'remainder' && values.least <= 0 && values.most >= 0
    if (!divisor && within(values, limits)) return { expr, values }
    const left = overlap(values, limits) ?? limits
    const passed = divisor && left.least === 0 && left.most > 0 ? { least: 1, most: left.most } : left
    const isThere = expr.op === 'check' && expr.kind === kind && within(expr, limits)
    // An impossible value need not pass the check, so a program that goes on after a rejection can rely on the
    // value.
    const narrowed = kind === 'store' || kind === 'exact' ? passed : limits
    const made: Checked = { op: 'check', kind, of: expr, ...narrowed, where, source }
    return { expr: isThere ? expr : made, values: passed }
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

const isZero = ({ expr }: Bounded): boolean => expr.op === 'number' && expr.value === 0

/** Returns a shift count as JavaScript reads it: its last five bits. */
function shiftBy(by: Bounded): Bounded {
  const counts = ofBits(5)
  if (within(by.values, counts)) return by
  return { expr: { op: '&', left: by.expr, right: { op: 'number', value: counts.most } }, values: counts }
}

/** The most characters of an expression that an error shows. */
const SHOWN = 80

function textOf(expr: Expr): string {
  const text = printNumber(expr, { read: name => name, check: (_, value) => value }).replace(
    /^\((.*)\)$/,
    '$1',
  )
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}...` : text
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
