/**
 * The value of an expression during lowering: known now (numbers, names, lists, records, functions), a place in
 * the state, or a value that only the running step will know.
 */

import { choose, get, number, truth } from '../ir/expression.ts'
import type { Checked, Expr } from '../ir/ir.ts'
import { at, must } from '../text/at.ts'
import type { FunctionSource } from './source.ts'

/** A state variable: `bits` wide, starting at `initial`. */
export interface Leaf {
  readonly bits: number
  readonly initial: number
  /** Whether a machine's register deliberately starts with another value than in the machine. */
  readonly isApart?: true
}
/** Describes an unsigned integer of a world: its width in bits, and its value at first. */
export const bits = (width: number, initial = 0): Leaf => ({ bits: width, initial })

/**
 * A register or region that starts with another value than in the machine, because the world begins in the
 * middle of things.
 */
export const startedAt = (width: number, initial: number): Leaf => ({ bits: width, initial, isApart: true })

/** The tree of a state. Leaves are variables, plain numbers are constants, and arrays have a fixed length. */
export type Shape = Leaf | number | readonly Shape[] | { readonly [name: string]: Shape }

/** A {@link Shape} as rules and invariants see it: its leaves are numbers. */
export type View<S> = S extends Leaf
  ? number
  : S extends number
    ? number
    : S extends readonly (infer T)[]
      ? View<T>[]
      : { -readonly [K in keyof S]: View<S[K]> }

export const isLeaf = (s: Shape): s is Leaf =>
  typeof s === 'object' && 'bits' in s && typeof s.bits === 'number'

export interface Place {
  readonly kind: 'place'
  readonly shape: Shape
  readonly path: string
}
/** JavaScript tells `true` from 1. A value whose ways give both is mixed. */
export type Sort = 'number' | 'truth' | 'mixed'

/** What only the running step knows, and truth values, known ones too: they are 0 or 1 in `expr`. */
export interface Dynamic {
  readonly kind: 'dynamic'
  readonly expr: Expr
  readonly sort: Sort
}
export interface List {
  readonly kind: 'list'
  readonly items: readonly Value[]
}
export interface Fields {
  readonly kind: 'record'
  readonly fields: Readonly<Record<string, Value>>
}
export interface Closure {
  readonly kind: 'closure'
  readonly source: FunctionSource
  readonly env: Env
  readonly name: string
}
export interface Builtin {
  readonly kind: 'builtin'
  readonly name: string
  readonly call: (args: readonly Value[]) => Value
}
export type Value = number | string | undefined | Place | Dynamic | List | Fields | Closure | Builtin

/** Names in scope. */
export interface Env {
  find(name: string): Value | { readonly unknown: true }
}

export const UNKNOWN = { unknown: true } as const

export const dynamic = (expr: Expr, sort: Sort = 'number'): Value =>
  expr.op === 'number' && sort === 'number' ? expr.value : { kind: 'dynamic', expr, sort }

export const truthValue = (value: boolean): Value => dynamic(number(+value), 'truth')

/** Returns the sort of a value that may be any of `values`. */
export function sortOf(...values: readonly Value[]): Sort {
  const sorts = new Set(values.map(v => (typeof v === 'object' && v.kind === 'dynamic' ? v.sort : 'number')))
  const [first = 'number'] = sorts
  return sorts.size > 1 ? 'mixed' : first
}

/** Returns the part of a place that `key` names. */
export function member(place: Place, key: string | number): Value {
  if (typeof place.shape !== 'object' || !Object.hasOwn(place.shape, key)) return undefined
  const shape = must((place.shape as Record<string | number, Shape>)[key], `${key}`)
  const step = typeof key === 'number' ? `[${key}]` : place.path ? `.${key}` : key
  return settle({ kind: 'place', shape, path: place.path + step })
}

/** Reads a place that is a leaf or a constant. */
export function settle(place: Place): Value {
  if (typeof place.shape === 'number') return place.shape
  return isLeaf(place.shape) ? dynamic(get(place.path)) : place
}

/** An index of at most this many items is compared with one after the other. */
export const FEW = 8

/** Returns `items[index]` for an index that only the running step knows and that is checked first. */
export function select(items: readonly Expr[], index: Checked): Expr {
  const few = items.length <= FEW
  // The first test is always evaluated, so it has the check and the others need none.
  const pick = (from: number, to: number, position: Expr): Expr => {
    if (to - from === 1) return at(items, from)
    const next = few ? from + 1 : (from + to) >> 1
    const test: Expr = { op: few ? '==' : '<', left: position, right: number(few ? from : next) }
    return choose(test, pick(from, next, index.of), pick(next, to, index.of))
  }
  if (items.length === 1) return { op: '?', test: truth(index), yes: at(items, 0), no: at(items, 0) }
  return pick(0, items.length, index)
}

export const isPlace = (value: Value): value is Place => typeof value === 'object' && value.kind === 'place'

/** Returns the name of a value for errors. */
export const describe = (value: Value): string => {
  if (value === undefined) return 'undefined'
  if (typeof value === 'number') return 'a number'
  if (sortOf(value) === 'truth') return 'true or false'
  if (typeof value === 'string') return `'${value}'`
  if (value.kind === 'place') return `the structure '${value.path}'`
  return `a ${value.kind}`
}

/** Returns the names that are visible to a function at the top level. */
export const rootOf = (env: Env): Env => (env instanceof LocalScope ? rootOf(env.outer) : env)

/** Local names, over those around them. */
export class LocalScope implements Env {
  readonly names = new Map<string, Value>()
  readonly outer: Env
  constructor(outer: Env) {
    this.outer = outer
  }
  find(name: string): Value | { readonly unknown: true } {
    return this.names.has(name) ? this.names.get(name) : this.outer.find(name)
  }
}
