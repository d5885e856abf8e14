import { PromelaCells } from '../codegen/promela/cells.ts'
import { promela } from '../codegen/promela/promela.ts'
import { bounded } from '../ir/bounded.ts'
import type { Expr, Liveness, Rule, System } from '../ir/ir.ts'
import { fairnessOf } from '../liveness/classes.ts'

/** The variable that holds the number of the last rule taken, from 1 on. */
const TOOK = 'took'

/** Formulas about the end of a run: it satisfies some in every state, and each of the others again and again. */
interface Ending {
  readonly always: readonly string[]
  readonly again: readonly string[]
}

/**
 * Prints a system with one liveness property as Promela, with a never claim that accepts the runs which meet the
 * assumptions and violate the property. A rule that does nothing is always enabled, because a run may stop where
 * no assumption forces a step. Assumptions with `each` are not printed. SPIN's own translation of such formulas
 * takes hours from three assumptions on.
 */
export function promelaWithClaim(given: System, property: Liveness): string {
  const system = watched(given)
  const cells = new PromelaCells(system)
  const print = (expr: Expr) => `(${cells.promela(expr)})`
  // In the end a weak rule is disabled again and again, or taken again and again. So one of these endings comes.
  const choices = system.rules.flatMap((rule, number): Ending[][] => {
    const fair = fairnessOf(property, rule)
    const taken = `(${cells.name(TOOK)} == ${number + 1})`
    const disabled = `!(${print(rule.guard)})`
    const isTaken = { always: [], again: [taken] }
    if (fair === undefined) return []
    if (fair === 'finite') return [[{ always: [`!(${taken})`], again: [] }]]
    return [
      [isTaken, fair === 'weak' ? { always: [], again: [disabled] } : { always: [disabled], again: [] }],
    ]
  })
  const endings = choices.reduce<Ending[]>(
    (all, some) =>
      all.flatMap(one =>
        some.map(other => ({
          always: [...one.always, ...other.always],
          again: [...one.again, ...other.again],
        })),
      ),
    [{ always: [], again: [] }],
  )
  const goal = print(property.goal)
  const claimed = endings.map(({ always, again }) =>
    property.kind === 'stays'
      ? { always, again: [...again, `!(${goal})`] }
      : { always: [...always, `!(${goal})`], again },
  )
  const begin = property.kind === 'stays' ? 'true' : `${print(property.when)} && !(${goal})`
  const wait = property.kind === 'stays' ? 'true' : `!(${goal})`
  return `${promela(system)}\n${neverClaim(begin, wait, claimed)}`
}

/** A claim that accepts what begins somewhere, waits, and ends in one of the ways. */
function neverClaim(begin: string, wait: string, endings: readonly Ending[]): string {
  const lines = ['never {', 'T0:', '  if', '  :: true -> goto T0', `  :: ${begin} -> goto T1`, '  fi;']
  const enter = endings.map(({ always }, number) => `  :: ${all(always)} -> goto S${number}_0`)
  lines.push('T1:', '  if', `  :: ${wait} -> goto T1`, ...enter, '  fi;')
  endings.forEach(({ always, again }, number) => {
    again.forEach((event, index) => {
      const stays = `${all([...always, `!(${event})`])} -> goto S${number}_${index}`
      const next = index + 1 === again.length ? `accept_${number}` : `S${number}_${index + 1}`
      lines.push(
        `S${number}_${index}:`,
        '  if',
        `  :: ${stays}`,
        `  :: ${all([...always, event])} -> goto ${next}`,
        '  fi;',
      )
    })
    const first = again.length === 0 ? [`S${number}_0:`] : []
    lines.push(...first, `accept_${number}:`, '  if', `  :: ${all(always)} -> goto S${number}_0`, '  fi;')
  })
  return [...lines, '}', ''].join('\n')
}

const all = (terms: readonly string[]): string => (terms.length === 0 ? 'true' : terms.join(' && '))

/** The system with a variable that holds what rule was taken last, and with a rule that does nothing. */
function watched(given: System): System {
  const { rules, variables, ...rest } = bounded(given)
  const number = (value: number): Expr => ({ op: 'number', value })
  const noting = (rule: Rule, index: number): Rule => ({
    ...rule,
    body: [...rule.body, { do: 'set', name: TOOK, value: number(index + 1) }],
  })
  const idle: Rule = {
    name: 'idle',
    kind: 'environment',
    helps: false,
    guard: number(1),
    body: [{ do: 'set', name: TOOK, value: number(0) }],
  }
  return {
    ...rest,
    variables: [...variables, { name: TOOK, bits: 5, initial: 0 }],
    rules: [...rules.map(noting), idle],
    invariants: [],
    witnesses: [],
  }
}
