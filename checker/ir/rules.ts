import type { Rule } from './ir.ts'

/** Returns the name of a rule without its arguments: `deliver` for `deliver(2)`. */
export function familyOf({ name }: Pick<Rule, 'name'>): string {
  const from = name.indexOf('(')
  return from < 0 ? name : name.slice(0, from)
}

/** Reports whether a rule is still taken when faults have stopped. */
export const outlastsFaults = ({ kind, helps }: Pick<Rule, 'kind' | 'helps'>): boolean =>
  kind === 'protocol' || helps
