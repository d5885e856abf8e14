import type { Stmt } from './ir.ts'
import { bodiesOf, valuesOf } from './statement.ts'
import { eachRead } from './uses.ts'

/**
 * Returns the names that `body` may read before it stores to them. All other names need no initial value: a
 * lowered machine has thousands of locals, and nearly all are set before they are read.
 */
export function exposedReads(body: readonly Stmt[]): Set<string> {
  const exposed = new Set<string>()
  run(body, new Set(), exposed)
  return exposed
}

/**
 * Walks through `body`, given the names that are `stored` before it. Adds the names that the body certainly
 * stores to, and returns the added ones.
 */
function run(body: readonly Stmt[], stored: Set<string>, exposed: Set<string>): Set<string> {
  const added = new Set<string>()
  const add = (name: string) => {
    if (!stored.has(name)) added.add(name)
    stored.add(name)
  }
  const read = (name: string) => {
    if (!stored.has(name)) exposed.add(name)
  }
  for (const stmt of body) {
    for (const value of valuesOf(stmt)) eachRead(value, read)
    const bodies = bodiesOf(stmt)
    if (stmt.do === 'set') add(stmt.name)
    else if (bodies.length > 0) for (const name of branch(bodies, stored, exposed)) add(name)
  }
  return added
}

/** Returns the names that each of `bodies` certainly stores to. Leaves `stored` unchanged. */
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
  const [first = new Set<string>(), ...others] = each
  return new Set([...first].filter(name => others.every(added => added.has(name))))
}
