/**
 * Tracks which values each name can have at each point of a body. The reader goes through the body once, from
 * its beginning to its end.
 */
import { must } from '../text/at.ts'
import { apply, type Interval, only, overlap, union } from './interval.ts'
import type { BinaryOp, Expr } from './ir.ts'

/** An operator with its operands swapped. */
const MIRRORED: Partial<Record<Expr['op'], BinaryOp>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
}

const INVERSE: Partial<Record<Expr['op'], BinaryOp>> = {
  '==': '!=',
  '!=': '==',
  '<': '>=',
  '<=': '>',
  '>': '<=',
  '>=': '<',
}

const NEVER = () => false

export class Known {
  readonly #intervals = new Map<string, Interval>()
  readonly #unknown: (name: string) => Interval
  /** The values of names when the innermost branch began; undefined outside of branches. */
  #changed: Map<string, Interval | undefined> | undefined

  /** `unknown` returns the possible values of a name of which nothing was noted. */
  constructor(unknown: (name: string) => Interval) {
    this.#unknown = unknown
  }

  of(name: string): Interval {
    return this.#intervals.get(name) ?? this.#unknown(name)
  }

  set(name: string, interval: Interval): void {
    if (this.#changed && !this.#changed.has(name)) this.#changed.set(name, this.#intervals.get(name))
    this.#intervals.set(name, interval)
  }

  /** Calls `body`, then forgets what it noted. Returns what it noted of names that `isRead` later. */
  #apart(body: () => void, isRead: (name: string) => boolean): Map<string, Interval> {
    const outer = this.#changed
    const changed = new Map<string, Interval | undefined>()
    this.#changed = changed
    body()
    this.#changed = outer
    const found = new Map<string, Interval>()
    for (const [name, before] of changed) {
      if (isRead(name)) found.set(name, must(this.#intervals.get(name), name))
      if (before === undefined) this.#intervals.delete(name)
      else this.#intervals.set(name, before)
    }
    return found
  }

  /** Calls `body` where `test` is `truth`. Afterwards nothing is known about `test`. */
  where<T>(test: Expr, truth: boolean, body: () => T): T {
    let value!: T
    this.#apart(() => {
      this.assume(test, truth)
      value = body()
    }, NEVER)
    return value
  }

  /**
   * Calls all `bodies`, one of which will be executed. Afterwards a name that `isRead` later has the values that it has
   * after any of them.
   */
  branch(bodies: readonly (() => void)[], isRead: (name: string) => boolean): void {
    const merged = new Map<string, Interval>()
    const times = new Map<string, number>()
    for (const body of bodies)
      for (const [name, interval] of this.#apart(body, isRead)) {
        const others = merged.get(name)
        merged.set(name, others === undefined ? interval : union(others, interval))
        times.set(name, (times.get(name) ?? 0) + 1)
      }
    for (const [name, interval] of merged)
      this.set(name, times.get(name) === bodies.length ? interval : union(interval, this.of(name)))
  }

  /** Notes what follows from `test` being `truth`. */
  assume(test: Expr, truth: boolean): void {
    switch (test.op) {
      case 'number':
        return
      case 'get':
        this.#compare(test, truth ? '!=' : '==', { op: 'number', value: 0 })
        return
      case '!':
        this.assume(test.of, !truth)
        return
      case 'check':
      case 'note':
        this.assume(test.of, truth)
        return
      case '?':
        return
      case '&&':
      case '||':
        if (truth !== (test.op === '&&')) return
        this.assume(test.left, truth)
        this.assume(test.right, truth)
        return
      default: {
        const op = truth ? test.op : INVERSE[test.op]
        const mirrored = op && MIRRORED[op]
        if (!op || !mirrored) return
        this.#compare(test.left, op, test.right)
        this.#compare(test.right, mirrored, test.left)
      }
    }
  }

  #compare(one: Expr, op: BinaryOp, other: Expr): void {
    const read = one.op === 'check' ? one.of : one
    if (read.op !== 'get') return
    const { least, most } = this.of(read.name)
    const limit = this.interval(other)
    const narrowed: Partial<Record<BinaryOp, Interval>> = {
      '==': limit,
      '<': { least, most: limit.most - 1 },
      '<=': { least, most: limit.most },
      '>': { least: limit.least + 1, most },
      '>=': { least: limit.least, most },
      '!=': {
        least: limit.least === limit.most && limit.least === least ? least + 1 : least,
        most: limit.least === limit.most && limit.most === most ? most - 1 : most,
      },
    }
    const found = overlap({ least, most }, must(narrowed[op], `a comparison by ${op}`))
    // Nothing is left: the code is never executed there.
    if (found) this.set(read.name, found)
  }

  /** Returns the values of an expression whose checks have all passed. */
  interval(expr: Expr): Interval {
    switch (expr.op) {
      case 'number':
        return only(expr.value)
      case 'get':
        return this.of(expr.name)
      case '!':
        return { least: 0, most: 1 }
      case 'note':
        return this.interval(expr.of)
      case 'check': {
        const of = this.interval(expr.of)
        return overlap(of, expr) ?? { least: expr.least, most: expr.most }
      }
      case '?':
        return union(this.interval(expr.yes), this.interval(expr.no))
      default:
        return apply(expr.op, this.interval(expr.left), this.interval(expr.right))
    }
  }
}
