/**
 * Explores a world by the plainest means: its own functions run as JavaScript on plain objects, XState steps
 * its machines, and a Map keeps the states. It shares nothing with lowering or with the checker.
 */

import { type AnyStateMachine, transition } from 'xstate'
import { isLeaf, type Shape } from '../lower/value.ts'
import type { WorldSpec } from '../lower/worldSpec.ts'
import { at, must } from '../text/at.ts'
import { helpers, instrument, Rejection, type RejectionKind } from './instrument.ts'

/** The result, in the form of the checker's. For a rejected value, it has the kind and the distance. */
export interface Plain {
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  readonly broken: Readonly<Record<string, number>>
  readonly seen: Readonly<Record<string, number>>
}
export interface Rejected {
  readonly kind: RejectionKind
  readonly steps: number
}

type Values = Record<string, number>
type Fn = (...args: unknown[]) => unknown

interface Node {
  readonly values: Values
  readonly depth: number
  readonly helped: Node[]
}

const pathOf = (path: string, key: string | number): string =>
  typeof key === 'number' ? `${path}[${key}]` : path ? `${path}.${key}` : key

/** Calls `visit` for the leaves of a shape. */
function eachLeaf(
  shape: Shape,
  path: string,
  visit: (path: string, bits: number, initial: number) => void,
): void {
  if (typeof shape === 'number') return
  if (isLeaf(shape)) visit(path, shape.bits, shape.initial)
  else if (Array.isArray(shape)) for (const [i, one] of shape.entries()) eachLeaf(one, pathOf(path, i), visit)
  else for (const [key, one] of Object.entries(shape)) eachLeaf(one, pathOf(path, key), visit)
}

/** Returns a view of `values` by the shape. Every store into it is checked. */
function view(shape: Shape, values: Values, path = ''): unknown {
  if (typeof shape === 'number') return shape
  const made: object = Array.isArray(shape) ? [] : {}
  const parts = Array.isArray(shape) ? shape.map((one, i) => [i, one] as const) : Object.entries(shape)
  for (const [key, one] of parts as readonly (readonly [string | number, Shape])[]) {
    const name = pathOf(path, key)
    if (typeof one === 'number' || !isLeaf(one)) {
      Object.defineProperty(made, key, { value: view(one, values, name), enumerable: true })
      continue
    }
    const set = (value: number | boolean) => {
      const stored = Number(value)
      if (!(stored >= 0 && stored < 2 ** one.bits)) throw new Rejection('store')
      values[name] = stored
    }
    Object.defineProperty(made, key, { get: () => values[name], set, enumerable: true })
  }
  return made
}

export class PlainSearch {
  readonly #spec: WorldSpec
  readonly #machines: Readonly<Record<string, AnyStateMachine>>
  readonly #names: string[] = []
  readonly #initial: Values = {}
  readonly #scope: Record<string, unknown>
  readonly #nodes = new Map<string, Node>()
  readonly #broken: Values = {}
  readonly #seen: Values = {}
  #generated = 0
  #depth = 0
  #late: { readonly depth: number; readonly rejection: Rejection } | undefined
  /** The view of the state in which a rule is being taken. Effects act on it. */
  #now: unknown

  constructor(spec: WorldSpec, machines: Readonly<Record<string, AnyStateMachine>>) {
    this.#spec = spec
    this.#machines = machines
    eachLeaf(spec.shape, '', (name, _, initial) => {
      this.#names.push(name)
      this.#initial[name] = initial
    })
    this.#scope = { ...helpers, step: this.#step, can: this.#can }
    for (const [name, value] of Object.entries(spec.scope))
      this.#scope[name] = typeof value === 'function' ? this.#own(value) : value
  }

  /** @param ofStep whether an invariant or a witness is about steps */
  run(ofStep: (name: string) => boolean): Plain | Rejected {
    try {
      return this.#search(ofStep)
    } catch (error) {
      if (error instanceof Rejection) return { kind: error.kind, steps: this.#depth }
      throw error
    }
  }

  /** Returns the function, instrumented, with the names of the world's scope. */
  #own(fn: unknown): Fn {
    return new Function('scope', `with (scope) { return ${instrument(`(${fn})`)} }`)(this.#scope) as Fn
  }

  #snapshot(name: string, self: Values) {
    const machine = must(this.#machines[name], `machine ${name}`)
    const { root } = machine
    const parallel = root.type === 'parallel'
    const regions = parallel ? Object.values(root.states) : [root]
    const states = regions.map(
      region => [region.key, Object.keys(region.states)[must(self[region.key], region.key)]] as const,
    )
    const registers = Object.keys((machine.config as { context?: object }).context ?? {})
    const value = parallel ? Object.fromEntries(states) : at(states, 0)[1]
    const context = Object.fromEntries(registers.map(register => [register, self[register]]))
    return {
      machine,
      parallel,
      regions,
      registers,
      snapshot: machine.resolveState({ value, context } as never),
    }
  }

  #step = (name: string, self: Values, type: string, fields: object = {}): void => {
    const { machine, parallel, regions, registers, snapshot } = this.#snapshot(name, self)
    const [next, actions] = transition(machine, snapshot, { type, ...fields })
    for (const register of registers) self[register] = must((next.context as Values)[register], register)
    for (const { key, states } of regions)
      self[key] = Object.keys(states).indexOf((parallel ? next.value[key] : next.value) as string)
    for (const action of actions) {
      const effect = this.#spec.effects[action.type]
      if (effect) this.#own(effect)(this.#now, self, (action as { params?: unknown }).params)
    }
  }

  #can = (name: string, self: Values, type: string, fields: object = {}): boolean =>
    this.#snapshot(name, self).snapshot.can({ type, ...fields })

  #cells(): Values {
    return Object.fromEntries(this.#spec.did.map(name => [`did.${name}`, 0]))
  }

  /** Returns a state as functions see it, with the cells of a step. */
  #see(values: Values): unknown {
    const did = Object.fromEntries(this.#spec.did.map(name => [name, { bits: 31, initial: 0 }]))
    return view({ ...(this.#spec.shape as Record<string, Shape>), did }, values)
  }

  #search(ofStep: (name: string) => boolean): Plain {
    const { rules, final, invariants, witnesses, recoveries } = this.#spec
    const made = rules.map(rule => ({ ...rule, when: this.#own(rule.when), take: this.#own(rule.take) }))
    const checks = [
      ...invariants.map(({ id, holds }) => ({
        id,
        fails: this.#own(holds),
        into: this.#broken,
        want: false,
      })),
      ...witnesses.map(({ name, seen }) => ({
        id: name,
        fails: this.#own(seen),
        into: this.#seen,
        want: true,
      })),
    ]
    const check = (now: unknown, was: unknown, depth: number, each: boolean) => {
      for (const { id, fails, into, want } of checks)
        if (ofStep(id) === each && Boolean(fails(now, was)) === want)
          into[id] = Math.min(into[id] ?? depth, depth)
    }
    const goals = recoveries.map(({ id, when, goal }) => ({
      id,
      when: this.#own(when),
      goal: this.#own(goal),
    }))
    const visit = (values: Values, depth: number): Node => {
      const key = this.#names.map(name => values[name]).join()
      const known = this.#nodes.get(key)
      if (known) return known
      const node = {
        values: Object.fromEntries(this.#names.map(name => [name, must(values[name], name)])),
        depth,
        helped: [],
      }
      this.#nodes.set(key, node)
      try {
        const now = this.#see({ ...node.values, ...this.#cells() })
        check(now, now, depth, false)
        for (const { when, goal } of goals) for (const part of [when, goal]) part(now)
      } catch (error) {
        if (!(error instanceof Rejection)) throw error
        this.#late ??= { depth, rejection: error }
      }
      return node
    }
    visit(this.#initial, 0)
    const isFinal = this.#own(final)
    for (const node of this.#nodes.values()) {
      this.#depth = node.depth
      if (this.#late && node.depth >= this.#late.depth) throw this.#late.rejection
      let live = false
      const was = this.#see(node.values)
      for (const { kind, helps, when, take } of made) {
        if (!when(was, {})) continue
        this.#generated++
        live ||= kind !== 'fault'
        const values = { ...node.values, ...this.#cells() }
        this.#now = this.#see(values)
        take(this.#now, {})
        check(this.#now, was, node.depth + 1, true)
        const next = visit(values, node.depth + 1)
        if (kind === 'protocol' || helps) node.helped.push(next)
      }
      if (!live && !isFinal(was))
        this.#broken.deadlock = Math.min(this.#broken.deadlock ?? node.depth, node.depth)
    }
    for (const { id, when, goal } of goals) this.#recover(id, when, goal)
    const all = [...this.#nodes.values()]
    const { length } = all
    return {
      distinct: length,
      generated: this.#generated,
      depth: Math.max(...all.map(({ depth }) => depth)),
      broken: this.#broken,
      seen: this.#seen,
    }
  }

  #recover(id: string, when: Fn, goal: Fn): void {
    const all = [...this.#nodes.values()]
    const holds = (test: Fn) => (node: Node) => Boolean(test(this.#see(node.values)))
    const good = new Set(all.filter(holds(goal)))
    for (let size = -1; size !== good.size; ) {
      size = good.size
      for (const node of all) if (node.helped.some(next => good.has(next))) good.add(node)
    }
    for (const node of all.filter(holds(when)))
      if (!good.has(node)) this.#broken[id] = Math.min(this.#broken[id] ?? node.depth, node.depth)
  }
}
