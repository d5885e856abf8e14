/** Collects the statements that lowering emits, and makes up names for locals. */
import { get, isHarmless, namesOf, not } from '../ir/expression.ts'
import type { Expr, Stmt } from '../ir/ir.ts'
import { bodiesOf, valuesOf } from '../ir/statement.ts'
import { type Emitted, type Memory, numberOf, renumbered } from './memory.ts'
import { nodesIn, Size } from './size.ts'
import { dynamic, FEW, type Value } from './value.ts'

/** Returns the names that `body` stores into, on any path. */
export function storedBy(body: readonly Stmt[]): Set<string> {
  const stored = new Set<string>()
  const visit = (list: readonly Stmt[]): void => {
    for (const s of list) {
      if (s.do === 'set') stored.add(s.name)
      else bodiesOf(s).forEach(visit)
    }
  }
  visit(body)
  return stored
}

/** Reports whether a store into one of `names` changes `value`. */
export function dependsOn(value: Value, names: ReadonlySet<string>): boolean {
  if (value === undefined || typeof value !== 'object' || names.size === 0) return false
  if (value.kind === 'dynamic') return [...namesOf(value.expr)].some(n => names.has(n))
  if (value.kind === 'record') return Object.values(value.fields).some(v => dependsOn(v, names))
  return value.kind === 'list' && value.items.some(v => dependsOn(v, names))
}

/** Reports whether evaluating `value` may reject a value or compute a number that is too large. */
function mayBeRejected(value: Value): boolean {
  if (typeof value !== 'object') return false
  if (value.kind === 'dynamic') return !isHarmless(value.expr)
  if (value.kind === 'record') return Object.values(value.fields).some(mayBeRejected)
  return value.kind === 'list' && value.items.some(mayBeRejected)
}

/** Reports whether executing `stmt` may reject a value or compute a number that is too large. */
const mayReject = (stmt: Stmt): boolean =>
  !valuesOf(stmt).every(isHarmless) || bodiesOf(stmt).some(body => body.some(mayReject))

/** An expression with more nodes is kept in a local instead of being written again. */
const LONG = 24

/** Reports whether writing `value` many times makes programs long. */
export function isLong(value: Value): boolean {
  return typeof value === 'object' && value.kind === 'dynamic' && nodesIn(value.expr) >= LONG
}

export class Emitter {
  /** Names the rule, guard or action under evaluation, for checks and errors. */
  where: string
  readonly size: Size
  private readonly memory: Memory
  private block: Stmt[] = []
  /**
   * For each local, in the order in which they were made: whether it is stored into at most once, so that reading it
   * later gives the same value.
   */
  private readonly made: boolean[] = []
  /** Other names that nothing stores into. */
  private readonly kept = new Set<string>()

  constructor(where: string, size = new Size(), memory: Memory = new Map()) {
    this.where = where
    this.size = size
    this.memory = memory
  }

  emit(stmt: Stmt): void {
    this.size.write(stmt)
    this.block.push(stmt)
  }

  append(body: readonly Stmt[]): void {
    this.block.push(...body)
  }

  /** Returns the statements that `body` emits, apart from those around it. */
  collect(body: () => void): Stmt[] {
    const outer = this.block
    this.block = []
    try {
      body()
      return this.block
    } finally {
      this.block = outer
    }
  }

  set(name: string, value: Expr): void {
    if (value.op === 'get' && value.name === name) return
    this.emit({ do: 'set', name, value })
  }

  /** Emits an `if`, or decides now if the test is known. */
  branch(test: Expr, yes: () => void, no: () => void): void {
    if (test.op === 'number') {
      if (test.value !== 0) yes()
      else no()
      return
    }
    const then = this.collect(yes)
    const otherwise = this.collect(no)
    // A test that may trap is evaluated even where nothing depends on it.
    if (then.length === 0 && otherwise.length === 0 && isHarmless(test)) return
    if (then.length === 0) this.emit({ do: 'if', test: not(test), yes: otherwise, no: [] })
    else this.emit({ do: 'if', test, yes: then, no: otherwise })
  }

  /** Returns a new local name. No variable of JavaScript has a # inside. */
  fresh(name: string): string {
    return this.make(name, false)
  }

  private make(name: string, constant: boolean): string {
    return `${name}#${this.made.push(constant) - 1}`
  }

  /** Makes a local that holds `value` from here on. */
  local(name: string, value: Expr, constant = true): string {
    const local = this.make(name, constant)
    this.emit({ do: 'set', name: local, value })
    return local
  }

  /**
   * Declares that nothing ever stores into `name`, such as a field of the event, so that it needs no copy.
   */
  keep(name: string): void {
    this.kept.add(name)
  }

  isConstant(name: string): boolean {
    return this.made[numberOf(name)] ?? this.kept.has(name)
  }

  /** A point in time, for {@link changes}. */
  get now(): number {
    return this.made.length
  }

  /**
   * Returns the first change that `body` makes to the world or to locals older than `since`: a store, a count,
   * an effect.
   */
  changes(body: readonly Stmt[], since: number): string | undefined {
    for (const s of body) {
      if (s.do === 'set' && numberOf(s.name) < since) return s.name
      if (s.do === 'cover') return 'coverage'
      if (s.do === 'emit') return s.effect
      for (const list of bodiesOf(s)) {
        const change = this.changes(list, since)
        if (change !== undefined) return change
      }
    }
    return undefined
  }

  /**
   * Reports whether `body` may be executed although its values are not used: it changes nothing and rejects
   * nothing.
   */
  isHarmless(body: readonly Stmt[], since: number): boolean {
    return this.changes(body, since) === undefined && !body.some(mayReject)
  }

  /** Returns `value`, unaffected by later stores. Structures are references, as in JavaScript. */
  hold(name: string, value: Value): Value {
    if (value === undefined || typeof value !== 'object') return value
    if (value.kind === 'record')
      return {
        kind: 'record',
        fields: Object.fromEntries(Object.entries(value.fields).map(([k, v]) => [k, this.hold(k, v)])),
      }
    if (value.kind === 'list') return { kind: 'list', items: value.items.map(v => this.hold(name, v)) }
    if (value.kind !== 'dynamic') return value
    const { expr, sort } = value
    if (expr.op === 'number' || (expr.op === 'get' && this.isConstant(expr.name))) return value
    return dynamic(get(this.local(name, expr)), sort)
  }

  /** Whether locals may be made. A predicate is one expression, so it may have none. */
  get mayHold(): boolean {
    return this.#mayHold
  }

  #mayHold = true

  /** Evaluates `body` without locals that only make it shorter. */
  asExpression<T>(body: () => T): T {
    const outer = this.#mayHold
    this.#mayHold = false
    try {
      return body()
    } finally {
      this.#mayHold = outer
    }
  }

  /**
   * Returns `body()`, which emits statements and may return an expression. `key` stands for everything that `body`
   * reads: what it emitted for the same key is emitted again, and `body` is not called.
   */
  remembering<T extends Expr | undefined>(key: string | undefined, body: () => T): T {
    if (key === undefined || !this.mayHold) return body()
    const known = this.memory.get(key)
    if (known) return this.again(known) as T
    const { where } = this
    const [first, before] = [this.made.length, this.size.written]
    let value!: T
    const emitted = this.collect(() => {
      value = body()
    })
    const [made, written] = [this.made.slice(first), this.size.written - before]
    this.memory.set(key, { where, first, made, written, body: emitted, value })
    this.append(emitted)
    return value
  }

  private again(known: Emitted): Expr | undefined {
    const { body, value } = renumbered(known, this.made.length, this.where)
    this.append(body)
    this.made.push(...known.made)
    this.size.writeAgain(known.written)
    return value
  }

  /** Returns a value that will be written `times` times: in a local if that makes programs shorter. */
  reused(name: string, value: Value, times: number): Value {
    const isName = typeof value !== 'object' || value.kind !== 'dynamic' || value.expr.op === 'get'
    return isName || !this.mayHold || (times <= FEW && !isLong(value)) ? value : this.hold(name, value)
  }

  /**
   * Evaluates operands one after the other. No earlier operand sees what a later one stores, and of two that reject
   * a value, the earlier one reports it.
   */
  inOrder(operands: readonly (() => Value)[]): Value[] {
    let values: Value[] = []
    for (const operand of operands) {
      let value: Value
      const body = this.collect(() => {
        value = operand()
      })
      if (body.length > 0) {
        const stored = storedBy(body)
        const rejects = body.some(mayReject)
        values = values.map(v =>
          dependsOn(v, stored) || (rejects && mayBeRejected(v)) ? this.hold('kept', v) : v,
        )
        this.append(body)
      }
      values.push(value)
    }
    return values
  }
}
