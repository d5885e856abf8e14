/** Guards as trees of conditions: simplify them, force their parts, print them. */

import type { Guard } from '../../checker/lower/machine.ts'
import { must } from '../../checker/text/at.ts'

export const constant = (value: 0 | 1): Guard => ({ kind: 'constant', value })

/** Returns a guard as text, made of the names in it. Different guards have different texts. */
export const textOf = (g: Guard): string => {
  switch (g.kind) {
    case 'named':
      return g.name
    case 'in':
      return g.state
    case 'constant':
      return g.value === 1 ? 'true' : 'false'
    case 'not':
      return `not ${textOf(must(g.guards[0]))}`
    default:
      return `(${g.guards.map(textOf).join(` ${g.kind} `)})`
  }
}

const isGroup = (g: Guard): g is Extract<Guard, { kind: 'and' | 'or' | 'not' }> => 'guards' in g

/**
 * Returns the same condition without constants, repeated parts and groups of one. Merges a group into a surrounding group of
 * its kind.
 */
export function simplify(g: Guard): Guard {
  if (!isGroup(g)) return g
  const parts = g.guards.map(simplify)
  if (g.kind === 'not') {
    const of = must(parts[0])
    return of.kind === 'constant' ? constant(of.value === 1 ? 0 : 1) : { kind: 'not', guards: parts }
  }
  const neutral = g.kind === 'and' ? 1 : 0
  if (parts.some(p => p.kind === 'constant' && p.value !== neutral)) return constant(neutral === 1 ? 0 : 1)
  const flat = parts.flatMap(p => (p.kind === g.kind ? p.guards : [p])).filter(p => p.kind !== 'constant')
  const once = [...new Map(flat.map(p => [textOf(p), p])).values()]
  if (once.length === 0) return constant(neutral)
  return once.length === 1 ? must(once[0]) : { kind: g.kind, guards: once }
}

/** Returns `g` with every guard called `name` replaced. */
export function replaceName(g: Guard, name: string, by: Guard): Guard {
  if (g.kind === 'named') return g.name === name ? by : g
  return isGroup(g) ? { ...g, guards: g.guards.map(part => replaceName(part, name, by)) } : g
}

/** A guard with one part forced, and the name of the part. */
export interface Forced {
  readonly what: string
  readonly guard: Guard
}

/** Returns every way to force one part: a part of a conjunction to true, or an alternative to false. */
export function forcings(g: Guard): Forced[] {
  if (g.kind !== 'and' && g.kind !== 'or') return []
  const value = g.kind === 'and' ? 1 : 0
  return g.guards.flatMap((part, i) => {
    const withPart = (by: Guard): Guard => ({ ...g, guards: g.guards.map((p, at) => (at === i ? by : p)) })
    return [
      { what: `${textOf(part)} ${value === 1}`, guard: withPart(constant(value)) },
      ...forcings(part).map(forced => ({ ...forced, guard: withPart(forced.guard) })),
    ]
  })
}
