import type { Rule, Stmt } from './ir.ts'

/** Returns the name of a rule without its arguments: `deliver` for `deliver(2)`. */
export function familyOf({ name }: Pick<Rule, 'name'>): string {
  const from = name.indexOf('(')
  return from < 0 ? name : name.slice(0, from)
}

/** Reports whether a rule is still taken when faults have stopped. */
export const outlastsFaults = ({ kind, helps }: Pick<Rule, 'kind' | 'helps'>): boolean =>
  kind === 'protocol' || helps

/** Returns a rule whose body is made when it is first read. A walk takes few rules of a wide world. */
export function withBody({ ...rule }: Omit<Rule, 'body'>, make: () => readonly Stmt[]): Rule {
  return Object.defineProperty(rule as Rule, 'body', {
    enumerable: true,
    configurable: true,
    get() {
      const value = make()
      Object.defineProperty(this, 'body', { enumerable: true, value })
      return value
    },
  })
}
