import type { Expr, Stmt } from '../../spec/lower/ir.ts'
import { eachRead } from './uses.ts'

/**
 * The names that `body` may read before it has stored to them. All others need no value at the start: a lowered
 * machine has thousands of locals, and nearly all are set where they begin to matter.
 */
export function exposedReads(body: readonly Stmt[]): Set<string> {
  const exposed = new Set<string>()
  run(body, new Set(), exposed)
  return exposed
}

/** Goes through `body` when `stored` are stored to; adds what it surely stores to and returns what it added. */
function run(body: readonly Stmt[], stored: Set<string>, exposed: Set<string>): Set<string> {
  const added = new Set<string>()
  const add = (name: string) => {
    if (!stored.has(name)) added.add(name)
    stored.add(name)
  }
  const read = (expr: Expr) =>
    eachRead(expr, name => {
      if (!stored.has(name)) exposed.add(name)
    })
  for (const stmt of body) {
    switch (stmt.do) {
      case 'set':
        read(stmt.value)
        add(stmt.name)
        break
      case 'if':
        read(stmt.test)
        for (const name of branch([stmt.yes, stmt.no], stored, exposed)) add(name)
        break
      case 'switch': {
        read(stmt.on)
        const bodies = [...stmt.cases.map(({ body: inner }) => inner), stmt.otherwise]
        for (const name of branch(bodies, stored, exposed)) add(name)
        break
      }
      case 'emit':
        for (const { value } of stmt.args) read(value)
        break
      case 'cover':
        break
    }
  }
  return added
}

/** What each of `bodies` surely stores to; leaves `stored` as it was. */
function branch(
  bodies: readonly (readonly Stmt[])[],
  stored: Set<string>,
  exposed: Set<string>,
): Set<string> {
  const each = bodies.map(body => {
    const added = run(body, stored, exposed)
    for (const name of added) stored.delete(name)
    return added
  })
  const [first, ...others] = each
  return new Set([...first!].filter(name => others.every(added => added.has(name))))
}
