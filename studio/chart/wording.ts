/** Guards and actions, as XState keeps them, in words. Sources of functions are read, never run. */

interface Composite {
  readonly check: { readonly name: string }
  readonly guards?: readonly unknown[]
  readonly stateValue?: unknown
}

/** A guard in words: `a and not b`, `newer(verno: 3)`, `in connection.CONNECTED`; empty where there is none. */
export function guardText(guard: unknown): string {
  if (guard === undefined) return ''
  return isComposite(guard) ? compositeText(guard) : call(guard)
}

/** An action in words: `resend`, `transmit(kind: FIN)`, `set tries` for an assignment written in place. */
export function actionText(action: unknown): string {
  if (typeof action === 'function' && 'assignment' in action) {
    return `set ${Object.keys(action.assignment as object).join(', ')}`
  }
  return call(action)
}

function isComposite(guard: unknown): guard is Composite {
  return typeof guard === 'function' && 'check' in guard
}

function compositeText(guard: Composite): string {
  const parts = guard.guards ?? []
  switch (guard.check.name) {
    case 'checkAnd':
      return parts.map(part => enclosed(part, 'checkOr')).join(' and ')
    case 'checkOr':
      return parts.map(guardText).join(' or ')
    case 'checkNot':
      return `not ${enclosed(parts[0], 'checkOr', 'checkAnd')}`
    default:
      return `in ${statePath(guard.stateValue)}`
  }
}

/** The text of a part, in parentheses where it binds less tightly than what surrounds it. */
function enclosed(part: unknown, ...looser: readonly string[]): string {
  const text = guardText(part)
  return isComposite(part) && looser.includes(part.check.name) ? `(${text})` : text
}

function statePath(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value)
  return Object.entries(value)
    .map(([key, inner]) => `${key}.${statePath(inner)}`)
    .join(' and ')
}

/** A named guard or action with its parameters; the name of an only parameter says nothing and is left out. */
function call(named: unknown): string {
  if (typeof named === 'string') return named
  if (isFunction(named)) return named.name || expression(named)
  const { type, params } = named as { type: string; params?: unknown }
  const inside = paramsText(params).replace(/^\w+: ([^,]*)$/, '$1')
  return inside === '' ? type : `${type}(${inside})`
}

function paramsText(params: unknown): string {
  if (isFunction(params)) return expression(params)
  if (typeof params !== 'object' || params === null) return params === undefined ? '' : String(params)
  return Object.entries(params)
    .map(([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')
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
