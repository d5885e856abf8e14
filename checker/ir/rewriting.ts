import type { Expr, Stmt } from './ir.ts'

/** What {@link Rewriting} replaces. */
interface Replace {
  readonly name: (name: string) => string
  /** Replaces the `where` of checks. Absent: they keep it. */
  readonly where?: (where: string) => string
}

/**
 * Writes statements again with other names. All statements and lists are new. An expression is written once, however
 * many others share it, and stays the same object if nothing in it changes.
 */
export class Rewriting {
  readonly #replace: Replace
  readonly #written = new Map<Expr, Expr>()

  constructor(replace: Replace) {
    this.#replace = replace
  }

  body(list: readonly Stmt[]): Stmt[] {
    return list.map(stmt => this.#stmt(stmt))
  }

  #stmt(stmt: Stmt): Stmt {
    switch (stmt.do) {
      case 'set':
        return { do: 'set', name: this.#replace.name(stmt.name), value: this.expr(stmt.value) }
      case 'if':
        return { do: 'if', test: this.expr(stmt.test), yes: this.body(stmt.yes), no: this.body(stmt.no) }
      case 'switch': {
        const cases = stmt.cases.map(({ value, body }) => ({ value, body: this.body(body) }))
        return { do: 'switch', on: this.expr(stmt.on), cases, otherwise: this.body(stmt.otherwise) }
      }
      case 'emit':
        return { ...stmt, args: stmt.args.map(({ name, value }) => ({ name, value: this.expr(value) })) }
      case 'cover':
        return { ...stmt }
    }
  }

  expr(expr: Expr): Expr {
    if (expr.op === 'number') return expr
    const known = this.#written.get(expr)
    if (known !== undefined) return known
    const made = this.#made(expr)
    this.#written.set(expr, made)
    return made
  }

  #made(expr: Exclude<Expr, { op: 'number' }>): Expr {
    switch (expr.op) {
      case 'get': {
        const name = this.#replace.name(expr.name)
        return name === expr.name ? expr : { op: 'get', name }
      }
      case 'check': {
        const of = this.expr(expr.of)
        const where = this.#replace.where?.(expr.where) ?? expr.where
        return of === expr.of && where === expr.where ? expr : { ...expr, of, where }
      }
      case '!':
      case 'note': {
        const of = this.expr(expr.of)
        return of === expr.of ? expr : { ...expr, of }
      }
      case '?': {
        const [test, yes, no] = [this.expr(expr.test), this.expr(expr.yes), this.expr(expr.no)]
        return test === expr.test && yes === expr.yes && no === expr.no ? expr : { op: '?', test, yes, no }
      }
      default: {
        const [left, right] = [this.expr(expr.left), this.expr(expr.right)]
        return left === expr.left && right === expr.right ? expr : { ...expr, left, right }
      }
    }
  }
}
