import type { Check } from '../codegen/checks.ts'
import { bounded } from '../ir/bounded.ts'
import { type TrapError, trapped } from '../ir/errors.ts'
import { mayTrap } from '../ir/expression.ts'
import { evaluate, Rejected, run, type Values } from '../ir/interpret.ts'
import type { System } from '../ir/ir.ts'

/**
 * Finds the value that the search rejected in a state: while it looked at the state or, with `expanded`, while
 * it took rules there. It tries everything in a fixed order, so the error is the same for one thread and for
 * many.
 */
export function trapIn(
  given: System,
  checks: readonly Check[],
  values: Values,
  expanded: boolean,
): TrapError | undefined {
  const system = bounded(given)
  try {
    if (expanded) expand(system, checks, values)
    else look(system, checks, values)
  } catch (error) {
    if (error instanceof Rejected) return trapped(system, error.check, error.value)
    throw error
  }
  return undefined
}

function look(system: System, checks: readonly Check[], values: Values): void {
  for (const { found, ofStep } of checks) if (!ofStep) evaluate(found, values)
  for (const { when, goal } of [...system.recoveries, ...system.liveness])
    for (const part of [when, goal]) if (mayTrap(part)) evaluate(part, values)
}

function expand(system: System, checks: readonly Check[], from: Values): void {
  const before = Object.fromEntries(Object.entries(from).map(([name, value]) => [`was.${name}`, value]))
  const cells = Object.fromEntries(system.scratch.map(name => [name, 0]))
  const counts = system.coverage.map(() => 0)
  for (const { guard, body } of system.rules) {
    if (evaluate(guard, from) === 0) continue
    const values = { ...from, ...before, ...cells }
    run(body, values, counts)
    for (const { found, ofStep } of checks) if (ofStep) evaluate(found, values)
  }
  evaluate(system.final, from)
}
