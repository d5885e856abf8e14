import type { Expr, Stmt } from '../ir/ir.ts'

/** The names that `expr` reads. */
export function reads(expr: Expr): string[] {
  switch (expr.op) {
    case 'number':
      return []
    case 'get':
      return [expr.name]
    case '!':
    case 'check':
    case 'note':
      return reads(expr.of)
    case '?':
      return [...reads(expr.test), ...reads(expr.yes), ...reads(expr.no)]
    default:
      return [...reads(expr.left), ...reads(expr.right)]
  }
}

/**
 * The names that `body` may read before it has set them, on some path. Of these a printer must take care at the
 * start of a rule (a scratch cell or a local is zero there, a `was.` name is a copy); all others need nothing.
 */
export function readBeforeSet(body: readonly Stmt[]): Set<string> {
  const early = new Set<string>()
  walk(body, new Set(), early)
  return early
}

/** Adds early reads to `early`; returns what is set on every path after `body`, given what was set `before` it. */
function walk(body: readonly Stmt[], before: ReadonlySet<string>, early: Set<string>): ReadonlySet<string> {
  let set = before
  const read = (expr: Expr) => {
    for (const name of reads(expr)) if (!set.has(name)) early.add(name)
  }
  for (const stmt of body) {
    switch (stmt.do) {
      case 'set':
        read(stmt.value)
        set = new Set(set).add(stmt.name)
        break
      case 'if':
        read(stmt.test)
        set = common([stmt.yes, stmt.no].map(path => walk(path, set, early)))
        break
      case 'switch': {
        read(stmt.on)
        const paths = [...stmt.cases.map(one => one.body), stmt.otherwise]
        set = common(paths.map(path => walk(path, set, early)))
        break
      }
      case 'emit':
        for (const arg of stmt.args) read(arg.value)
        break
      case 'cover':
        break
    }
  }
  return set
}

/** What is in all of `sets`, of which there is at least one. */
function common(sets: readonly ReadonlySet<string>[]): ReadonlySet<string> {
  const [first, ...others] = sets
  return new Set([...first!].filter(name => others.every(set => set.has(name))))
}
