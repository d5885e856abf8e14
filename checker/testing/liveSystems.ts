import fc from 'fast-check'
import type { Expr, Fairness, Liveness, System } from '../ir/ir.ts'
import { expressions, systems } from './systems.ts'

const FAIRNESS: readonly (Fairness | undefined)[] = [undefined, 'weak', 'strong', 'finite']

/** Comparisons with constants, and other expressions of a state. */
function predicates(names: readonly string[]): fc.Arbitrary<Expr> {
  const compared = fc
    .tuple(fc.constantFrom('==' as const, '!=' as const, '<' as const), fc.constantFrom(...names), fc.nat(5))
    .map(([op, name, value]): Expr => ({ op, left: { op: 'get', name }, right: { op: 'number', value } }))
  return fc.oneof({ weight: 3, arbitrary: compared }, expressions(names))
}

/**
 * Random systems with rules of every fairness and liveness properties of every kind. With `plain`, assumptions
 * are about single rules only.
 */
export function liveSystems(plain = false): fc.Arbitrary<System> {
  return systems.chain(system => {
    const names = system.variables.map(({ name }) => name)
    const rules = system.rules.map((rule, index) => ({ ...rule, name: `${FAMILIES[index % 4]}(${index})` }))
    const part = (expr: Expr): Expr => ({ op: '&', left: expr, right: { op: 'number', value: 3 } })
    const fair = fc.constantFrom(...FAIRNESS)
    const each = plain ? fc.constant(null) : fc.option(expressions(names).map(part), { freq: 2 })
    const ruled = fc
      .tuple(fc.tuple(...FAMILIES.map(() => fair)), fc.tuple(...rules.map(() => each)))
      .map(([fairs, eachs]) =>
        rules.map((rule, index) => {
          const [fair, each] = [fairs[index % 4], eachs[index]]
          return { ...rule, ...(fair ? { fair } : {}), ...(each ? { each } : {}) }
        }),
      )
    const families = [...new Set(rules.map(({ name }) => name.slice(0, 1)))]
    const under = fc.option(
      fc
        .tuple(...families.map(() => fair))
        .map(chosen =>
          Object.fromEntries(
            families.flatMap((family, i) => (chosen[i] === undefined ? [] : [[family, chosen[i]]])),
          ),
        ),
    )
    const property = fc
      .record({
        kind: fc.constantFrom('leads to' as const, 'stays' as const),
        when: predicates(names),
        goal: predicates(names),
        under,
      })
      .map(({ under, ...rest }) => ({ ...rest, ...(under && !plain ? { under } : {}) }))
    return fc
      .record({ rules: ruled, liveness: fc.array(property, { minLength: 1, maxLength: 3 }) })
      .map(made => ({
        ...system,
        rules: made.rules,
        liveness: made.liveness.map((one, index): Liveness => ({ ...one, id: `l${index}` })),
      }))
  })
}

const FAMILIES = ['a', 'b', 'c', 'd']
