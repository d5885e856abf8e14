/** Guards and actions, as XState keeps them, in words. Sources of functions are read, never run. */

interface Composite {
  readonly check: { readonly name: string }
  readonly guards?: readonly unknown[]
  readonly stateValue?: unknown
}

/** Names for the numbers of a parameter, by the parameter's name: `{ notice: ['', 'connected'] }`. */
export type ValueNames = Readonly<Record<string, readonly string[]>>

/** A guard in words: `a and not b`, `newer(verno: 3)`, `in connection.CONNECTED`; empty where there is none. */
export function guardText(guard: unknown, names: ValueNames = {}): string {
  if (guard === undefined) return ''
  return isComposite(guard) ? compositeText(guard, names) : call(guard, names)
}

/** An action in words: `resend`, `transmit(kind: FIN)`, `set tries` for an assignment written in place. */
export function actionText(action: unknown, names: ValueNames = {}): string {
  if (typeof action === 'function' && 'assignment' in action) {
    return `set ${Object.keys(action.assignment as object).join(', ')}`
  }
  return call(action, names)
}

function isComposite(guard: unknown): guard is Composite {
  return typeof guard === 'function' && 'check' in guard
}

function compositeText(guard: Composite, names: ValueNames): string {
  const parts = guard.guards ?? []
  switch (guard.check.name) {
    case 'checkAnd':
      return parts.map(part => enclosed(part, names, 'checkOr')).join(' and ')
    case 'checkOr':
      return parts.map(part => enclosed(part, names, 'checkAnd')).join(' or ')
    case 'checkNot':
      return `not ${enclosed(parts[0], names, 'checkOr', 'checkAnd')}`
    default:
      return `in ${statePath(guard.stateValue)}`
  }
}

/** The text of a part, in parentheses where it is one of the given kinds: `and` beside `or` is never left to memory. */
function enclosed(part: unknown, names: ValueNames, ...kinds: readonly string[]): string {
  const text = guardText(part, names)
  return isComposite(part) && kinds.includes(part.check.name) ? `(${text})` : text
}

function statePath(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([key, inner]) => `${key}.${statePath(inner)}`)
    .join(' and ')
}

/** A named guard or action with its parameters; the name of an only parameter says nothing and is left out. */
function call(named: unknown, names: ValueNames): string {
  if (typeof named === 'string') return named
  if (isFunction(named)) return named.name || expression(named)
  const { type, params } = named as { type: string; params?: unknown }
  const inside = paramsText(params, names).replace(/^\w+: ([^,]*)$/, '$1')
  return inside === '' ? type : `${type}(${inside})`
}

/** Parameters in words. A function that was given a name of its own is called by it: `transmit(answer)`. */
function paramsText(params: unknown, names: ValueNames): string {
  if (isFunction(params)) return ['', 'params'].includes(params.name) ? expression(params) : params.name
  if (typeof params !== 'object' || params === null) return params === undefined ? '' : String(params)
  return Object.entries(params)
    .map(([name, value]) => `${name}: ${valueText(value, names[name])}`)
    .join(', ')
}

function valueText(value: unknown, names: readonly string[] = []): string {
  if (typeof value === 'string') return value
  return (typeof value === 'number' && names[value]) || JSON.stringify(value)
}

function isFunction(value: unknown): value is (...args: never[]) => unknown {
  return typeof value === 'function'
}

/**
 * What an arrow function returns, as it was written, without the noise: `({ context }) => ({ verno: context.sndNxt })`
 * becomes `verno: sndNxt`. vitest's rewriting of imported names is undone, so that tests see what users see.
 */
function expression(arrow: (...args: never[]) => unknown): string {
  const source = String(arrow)
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/\/\/.*$/gm, '')
    .replace(/\(0,\s*__vi\w+__\.(\w+)\)/g, '$1')
    .replace(/__vi\w+__\./g, '')
    .replace(/\b(context|event)\./g, '')
    .replace(/["']([^"']*)["']/g, '$1')
    .replace(/\s+/g, ' ')
  const body = source.slice(source.indexOf('=>') + 2).trim()
  const bare = /^\(\s*\{(.*)\}\s*\)$/.exec(body)?.[1] ?? body
  return bare.trim().replace(/,$/, '')
}
