import { bounded } from '../ir/bounded.ts'
import { trapped } from '../ir/errors.ts'
import { mayTrap } from '../ir/expression.ts'
import { evaluate, Rejected, run, type Values } from '../ir/interpret.ts'
import type { System } from '../ir/ir.ts'
import { must } from '../text/at.ts'

/** A second opinion for tests: explores by the plainest means, an interpreter and a Map. */
export interface Opinion {
  readonly distinct: number
  readonly generated: number
  readonly depth: number
  readonly coverage: readonly number[]
  /** For each violated property, by id, the length of the shortest path to a violation. */
  readonly broken: Readonly<Record<string, number>>
  /** For each witness that was seen, by name, the length of the shortest path to it. */
  readonly seen: Readonly<Record<string, number>>
}

interface Node {
  readonly values: Values
  /** The names of the rules that lead here. */
  readonly way: readonly string[]
  readonly helped: Node[]
}

/**
 * Explores `system` slowly.
 *
 * @throws TrapError for the nearest state where a value is rejected
 */
export function naive(system: System): Opinion {
  const search = new Search(bounded(system))
  try {
    return search.opinion()
  } catch (error) {
    if (!(error instanceof Rejected)) throw error
    throw trapped(system, error.check, error.value).after(search.way)
  }
}

class Search {
  readonly #system: System
  readonly #names: readonly string[]
  readonly #nodes = new Map<string, Node>()
  readonly #coverage: number[]
  readonly #broken: Record<string, number> = {}
  readonly #seen: Record<string, number> = {}
  #generated = 0
  /** The path to the state that is being expanded. */
  way: readonly string[] = []
  /** The value that was rejected in a state not yet expanded. Nearer rejections come first. */
  #late: { readonly way: readonly string[]; readonly rejected: Rejected } | undefined

  constructor(system: System) {
    this.#system = system
    this.#names = system.variables.map(({ name }) => name)
    this.#coverage = system.coverage.map(() => 0)
  }

  opinion(): Opinion {
    const { variables } = this.#system
    this.#visit(Object.fromEntries(variables.map(({ name, initial }) => [name, initial])), [])
    for (const node of this.#nodes.values()) this.#expand(node)
    const all = [...this.#nodes.values()]
    this.#recover(all)
    return {
      distinct: all.length,
      generated: this.#generated,
      depth: Math.max(...all.map(({ way }) => way.length)),
      coverage: this.#coverage,
      broken: this.#broken,
      seen: this.#seen,
    }
  }

  #visit(values: Values, way: readonly string[]): Node {
    const key = this.#names.map(name => values[name]).join()
    const known = this.#nodes.get(key)
    if (known) return known
    const own = Object.fromEntries(this.#names.map(name => [name, must(values[name], name)]))
    const node = { values: own, way, helped: [] }
    this.#nodes.set(key, node)
    try {
      this.#check(own, way.length, false)
      for (const { when, goal } of [...this.#system.recoveries, ...this.#system.liveness])
        for (const part of [when, goal]) if (mayTrap(part)) evaluate(part, own)
    } catch (error) {
      if (!(error instanceof Rejected)) throw error
      this.#late ??= { way, rejected: error }
    }
    return node
  }

  #expand(node: Node): void {
    const { rules, scratch, final } = this.#system
    const { values: from, way } = node
    if (this.#late && way.length >= this.#late.way.length) {
      this.way = this.#late.way
      throw this.#late.rejected
    }
    this.way = way
    let live = false
    for (const rule of rules) {
      if (evaluate(rule.guard, from) === 0) continue
      this.#generated++
      live ||= rule.kind !== 'fault'
      const values: Record<string, number> = { ...from }
      for (const name of this.#names) values[`was.${name}`] = must(from[name], name)
      for (const cell of scratch) values[cell] = 0
      run(rule.body, values, this.#coverage)
      this.#check(values, way.length + 1, true)
      const next = this.#visit(values, [...way, rule.name])
      if (rule.kind === 'protocol' || rule.helps) node.helped.push(next)
    }
    if (!live && evaluate(final, from) === 0) note(this.#broken, 'deadlock', way.length)
  }

  #check(values: Values, depth: number, ofStep: boolean): void {
    for (const { id, holds, ofStep: each } of this.#system.invariants)
      if (each === ofStep && evaluate(holds, values) === 0) note(this.#broken, id, depth)
    for (const { name, seen, ofStep: each } of this.#system.witnesses)
      if (each === ofStep && evaluate(seen, values) !== 0) note(this.#seen, name, depth)
  }

  #recover(all: readonly Node[]): void {
    for (const { id, when, goal } of this.#system.recoveries) {
      const good = new Set(all.filter(({ values }) => evaluate(goal, values) !== 0))
      for (let size = -1; size !== good.size; ) {
        size = good.size
        for (const node of all) if (node.helped.some(next => good.has(next))) good.add(node)
      }
      for (const node of all)
        if (evaluate(when, node.values) !== 0 && !good.has(node)) note(this.#broken, id, node.way.length)
    }
  }
}

function note(where: Record<string, number>, id: string, depth: number): void {
  where[id] = Math.min(where[id] ?? depth, depth)
}
