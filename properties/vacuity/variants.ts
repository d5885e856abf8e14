/** The conditions of an invariant, and its variants: the invariant with one condition forced. */
import { not, number } from '../../checker/ir/expression.ts'
import type { Expr, Invariant, System, Witness } from '../../checker/ir/ir.ts'
import { printTruth } from '../../checker/ir/print.ts'

/** An invariant with one condition forced to true or to false, wherever the condition stands in it. */
export interface Variant {
  /** The number of the invariant. */
  readonly id: string
  /** Unique, such as `31: did.delivered === 0 forced true`. */
  readonly name: string
  /** Whether it holds more often than the invariant, or less often. */
  readonly is: Strength
  readonly holds: Expr
  readonly ofStep: boolean
}

/** `either`: the condition stands both with and without a negation. */
export type Strength = 'weaker' | 'stronger' | 'either'

/** Ends that differ only by their numbers have the same conditions, so one variant forces them all. */
const textOf = (condition: Expr): string =>
  printTruth(condition, { read: name => name, check: (_check, value) => value })
    .replaceAll(/\[\d+\]/g, '[_]')
    .replaceAll(/\b(did\.flow [!=]==) \d+/g, '$1 _')

/** Whether a condition that becomes true can only make the whole true, can only make it false, or both. */
type Sign = 'positive' | 'negative' | 'mixed'
const OPPOSITE = { positive: 'negative', negative: 'positive', mixed: 'mixed' } as const

/** Returns `expr` with its conditions replaced: the parts that `&&`, `||`, `!` and `?` join. */
function mapConditions(
  expr: Expr,
  map: (condition: Expr, sign: Sign) => Expr,
  sign: Sign = 'positive',
): Expr {
  const inner = (part: Expr, its = sign): Expr => mapConditions(part, map, its)
  switch (expr.op) {
    case 'number':
      return expr
    case 'note':
      return { ...expr, of: inner(expr.of) }
    case '!':
      return { ...expr, of: inner(expr.of, OPPOSITE[sign]) }
    case '&&':
    case '||':
      return { ...expr, left: inner(expr.left), right: inner(expr.right) }
    case '?':
      return { ...expr, test: inner(expr.test, 'mixed'), yes: inner(expr.yes), no: inner(expr.no) }
    default:
      return map(expr, sign)
  }
}

/** Returns what forcing a condition with these signs to `value` makes of the invariant. */
function strengthOf(signs: ReadonlySet<Sign>, value: boolean): Strength {
  const [sign] = signs
  if (signs.size > 1 || sign === undefined || sign === 'mixed') return 'either'
  return (sign === 'positive') === value ? 'weaker' : 'stronger'
}

/** Returns both variants for each condition of the invariant. */
export function variantsOf({ id, holds, ofStep }: Invariant): Variant[] {
  const texts = new Map<Expr, string>()
  const signs = new Map<string, Set<Sign>>()
  mapConditions(holds, (condition, sign) => {
    const text = textOf(condition)
    texts.set(condition, text)
    signs.set(text, (signs.get(text) ?? new Set()).add(sign))
    return condition
  })
  const forced = (text: string, value: boolean): Expr =>
    mapConditions(holds, condition => (texts.get(condition) === text ? number(+value) : condition))
  return [...signs].flatMap(([text, its]) =>
    [true, false].map(value => ({
      ...{ id, ofStep, name: `${id}: ${text} forced ${value}` },
      ...{ is: strengthOf(its, value), holds: forced(text, value) },
    })),
  )
}

/** Returns a witness that is seen where `of` is false. */
const brokenBy = (name: string, { holds, ofStep }: Pick<Variant, 'holds' | 'ofStep'>): Witness => ({
  name,
  seen: not(holds),
  ofStep,
})

/** The name of the witness that an invariant itself is broken. */
const itself = (id: string): string => `${id} itself`

/**
 * Returns the system with witnesses instead of properties: one for each variant, and one for each invariant in `ids`. Its search
 * visits every state, whatever is broken.
 */
export const watching = (system: System, variants: readonly Variant[], ids: ReadonlySet<string>): System => ({
  ...{ ...system, invariants: [], recoveries: [], liveness: [] },
  witnesses: [
    ...variants.map(variant => brokenBy(variant.name, variant)),
    ...system.invariants.filter(({ id }) => ids.has(id)).map(one => brokenBy(itself(one.id), one)),
  ],
})

/** Returns the variants that a search of {@link watching} did not find broken, though their invariants are. */
export const missing = (variants: readonly Variant[], broken: ReadonlySet<string>): Variant[] =>
  variants.filter(({ id, name }) => broken.has(itself(id)) && !broken.has(name))
