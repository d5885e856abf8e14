/** Remembers what parts of a world emitted, so that lowering reads the same source with the same inputs once. */
import type { Expr, Stmt } from '../ir/ir.ts'
import { Rewriting } from '../ir/rewriting.ts'
import type { Value } from './value.ts'

/** The statements that a part emitted, and its value. */
export interface Emitted {
  readonly body: readonly Stmt[]
  readonly value: Expr | undefined
  /** The `where` of its checks. */
  readonly where: string
  /** The number of its first local, and for each local whether it is constant. */
  readonly first: number
  readonly made: readonly boolean[]
  /** The nodes that it wrote. */
  readonly written: number
}

export type Memory = Map<string, Emitted>

/** Returns the number of a local such as `index#12`, and -1 for other names. */
export function numberOf(name: string): number {
  const mark = name.lastIndexOf('#')
  return mark < 0 ? -1 : Number(name.slice(mark + 1))
}

/** Returns the statements and the value of `known`, for a place where the next local has number `first`. */
export function renumbered(known: Emitted, first: number, where: string): Pick<Emitted, 'body' | 'value'> {
  const shift = first - known.first
  // No list of statements may stand twice in one body. Where a part makes locals, their numbers tell its copies apart.
  if (shift === 0 && where === known.where && known.made.length > 0) return known
  const rewriting = new Rewriting({
    name(name) {
      const number = numberOf(name)
      return number < known.first ? name : `${name.slice(0, name.lastIndexOf('#'))}#${number + shift}`
    },
    where: at => (at === known.where ? where : at),
  })
  return { body: rewriting.body(known.body), value: known.value && rewriting.expr(known.value) }
}

/** Returns a text that only equal values share; undefined for values of which there is none. */
export function keyOf(value: Value): string | undefined {
  if (typeof value !== 'object') return typeof value === 'string' ? JSON.stringify(value) : `${value}`
  switch (value.kind) {
    case 'place':
      return `at ${value.path}`
    case 'dynamic': {
      const { expr, sort } = value
      if (expr.op === 'get') return `${sort} ${expr.name}`
      return expr.op === 'number' ? `${sort} ${expr.value}` : undefined
    }
    case 'list':
      return keyOfParts('[', value.items.entries())
    case 'record':
      return keyOfParts('{', Object.entries(value.fields))
    default:
      return undefined
  }
}

function keyOfParts(begin: string, parts: Iterable<readonly [string | number, Value]>): string | undefined {
  let key = begin
  for (const [name, value] of parts) {
    const part = keyOf(value)
    if (part === undefined) return undefined
    key += `${name}: ${part}, `
  }
  return key
}

/** Returns a text that only parts of a machine with the same meaning share: that of their functions is their source. */
export function textOf(part: object): string {
  const known = texts.get(part)
  if (known !== undefined) return known
  const text = JSON.stringify(part, (_, value) =>
    typeof value === 'function' ? { source: String(value) } : value,
  )
  texts.set(part, text)
  return text
}

const texts = new WeakMap<object, string>()
