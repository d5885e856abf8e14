import { Components } from './components.ts'
import type { GraphPart } from './fairCycles.ts'

/** A part of the graph that is larger than the memory limit allows. */
export class OutOfRoom extends Error {}

/** Collects the edges of a part of the graph, group by group of its states. */
export class PartBuilder {
  readonly #waiting: Int32Array
  readonly #start: Int32Array
  readonly #room: number
  #target = new Int32Array(FIRST)
  #kind = new Int32Array(FIRST)
  /** The rule of each edge, if the caller wants to know it. */
  #rule: Int32Array | undefined
  #edges = 0
  /** The edges of the current group, four numbers each: the vertex, the target, the class and the rule. */
  #group = new Int32Array(4 * FIRST)
  #grouped = 0

  /** `room` is the number of bytes that the part and its search may take. */
  constructor(waiting: Int32Array, room: number, withRules = false) {
    this.#waiting = waiting
    this.#start = new Int32Array(waiting.length + 1)
    this.#room = room
    if (withRules) this.#rule = new Int32Array(FIRST)
    this.#take(0)
  }

  /** Adds an edge from a vertex of the current group. `target` is negative if it leaves the part. */
  add(vertex: number, target: number, kind: number, rule: number): void {
    const at = 4 * this.#grouped++
    if (at === this.#group.length) this.#group = doubled(this.#group)
    const group = this.#group
    group[at] = vertex
    group[at + 1] = target
    group[at + 2] = kind
    group[at + 3] = rule
  }

  /** Ends the group of the vertices from `from` to before `to`. Groups follow each other. */
  endGroup(from: number, to: number): void {
    const group = this.#group
    const start = this.#start
    const end = 4 * this.#grouped
    this.#grow(this.#edges + this.#grouped)
    for (let at = 0; at < end; at += 4) {
      const next = (group[at] as number) + 1
      start[next] = (start[next] as number) + 1
    }
    let sum = this.#edges
    for (let vertex = from; vertex < to; vertex++) {
      const count = start[vertex + 1] as number
      start[vertex + 1] = sum
      sum += count
    }
    // The element after a vertex holds the next free place, which in the end is the beginning of the next vertex.
    for (let at = 0; at < end; at += 4) {
      const next = (group[at] as number) + 1
      const place = start[next] as number
      start[next] = place + 1
      this.#target[place] = group[at + 1] as number
      this.#kind[place] = group[at + 2] as number
      if (this.#rule) this.#rule[place] = group[at + 3] as number
    }
    this.#edges = sum
    this.#grouped = 0
  }

  part(): GraphPart & { readonly rule?: Int32Array } {
    return {
      size: this.#waiting.length,
      start: this.#start,
      target: this.#target,
      kind: this.#kind,
      waiting: this.#waiting,
      ...(this.#rule ? { rule: this.#rule } : {}),
    }
  }

  #grow(edges: number): void {
    let length = this.#target.length
    while (length < edges) length = Math.ceil(length * GROWTH)
    if (length === this.#target.length) return
    this.#take(length)
    const longer = (before: Int32Array) => {
      const after = new Int32Array(length)
      after.set(before)
      return after
    }
    this.#target = longer(this.#target)
    this.#kind = longer(this.#kind)
    if (this.#rule) this.#rule = longer(this.#rule)
  }

  /** Throws OutOfRoom if a part with `edges` edges does not fit. */
  #take(edges: number): void {
    const states = this.#waiting.length * (BYTES + Components.BYTES)
    if (states + EDGE_BYTES * edges > this.#room) throw new OutOfRoom()
  }
}

/** Edges that fit at first. */
const FIRST = 4096
const GROWTH = 1.5
/** Bytes of a state besides what components take: its number, its mask, its start, and its place in the work list. */
const BYTES = 16
const EDGE_BYTES = 8

/** Returns a copy of a list with twice the room. */
export function doubled(before: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const after = new Int32Array(2 * before.length)
  after.set(before)
  return after
}
