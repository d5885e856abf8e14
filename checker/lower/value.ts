/**
 * What an expression is worth while lowering: known now (numbers, names, lists, records, functions), a place in the
 * state, or something that only the running step will know.
 */

import { choose, get, number, truth } from '../ir/expression.ts'
import type { Checked, Expr } from '../ir/ir.ts'
import { at, must } from '../text/at.ts'
import type { Source } from './source.ts'

/** A state variable: `bits` wide, starting at `initial`. */
export interface Leaf {
  readonly bits: number
  readonly initial: number
  /** Whether a machine's register starts here otherwise than the machine says, on purpose. */
  readonly isApart?: true
}
export const bits = (width: number, initial = 0): Leaf => ({ bits: width, initial })

/** A register or region of a machine that starts otherwise than in the machine: the world begins in the middle of things. */
export const startedAt = (width: number, initial: number): Leaf => ({ bits: width, initial, isApart: true })

/** The tree of a state: leaves are variables; plain numbers in it are constants; arrays have a fixed length. */
export type Shape = Leaf | number | readonly Shape[] | { readonly [name: string]: Shape }

/** What rules and invariants see of a {@link Shape}: numbers where it has leaves. */
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
export interface Dynamic {
  readonly kind: 'dynamic'
  readonly expr: Expr
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
  readonly source: Source
  readonly env: Env
  readonly name: string
}
export interface Builtin {
  readonly kind: 'builtin'
  readonly name: string
  readonly call: (args: readonly Value[]) => Value
}
export type Value = number | string | undefined | Place | Dynamic | List | Fields | Closure | Builtin

/** Names in force: `find` is undefined where the name is unknown. */
export interface Env {
  find(name: string): Value | { readonly unknown: true }
}

export const UNKNOWN = { unknown: true } as const

export const dynamic = (expr: Expr): Value => (expr.op === 'number' ? expr.value : { kind: 'dynamic', expr })

/** The part of a place that `key` names. */
export function member(place: Place, key: string | number): Value {
  if (typeof place.shape !== 'object' || !Object.hasOwn(place.shape, key)) return undefined
  const shape = must((place.shape as Record<string | number, Shape>)[key], `${key}`)
  const step = typeof key === 'number' ? `[${key}]` : place.path ? `.${key}` : key
  return settle({ kind: 'place', shape, path: place.path + step })
}

/** A place that is a leaf or a constant, read. */
export function settle(place: Place): Value {
  if (typeof place.shape === 'number') return place.shape
  return isLeaf(place.shape) ? dynamic(get(place.path)) : place
}

/** Items up to which an index is compared with one after the other. */
export const FEW = 8

/** `items[index]` where only the running step knows the index, which is checked first. */
export function select(items: readonly Expr[], index: Checked): Expr {
  const few = items.length <= FEW
  // The first test is always evaluated: the check stands there, and needs not be repeated.
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

/** What an error calls a value. */
export const describe = (value: Value): string => {
  if (value === undefined) return 'undefined'
  if (typeof value === 'number') return 'a number'
  if (typeof value === 'string') return `'${value}'`
  if (value.kind === 'place') return `the structure '${value.path}'`
  return `a ${value.kind}`
}
