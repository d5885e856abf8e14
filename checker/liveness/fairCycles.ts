import type { Classes } from './classes.ts'
import { Components, type Rows } from './components.ts'

/** A part of an explored graph. Edges that leave it stay listed as long as a property assumes something of them. */
export interface GraphPart extends Rows {
  /** The class of each edge. */
  readonly kind: Int32Array
  /**
   * The properties that wait in each state, as a bit mask. For a property of the kind `stays`, this is where the
   * goal does not hold.
   */
  readonly waiting: Int32Array
}

/** Reports that runs may stay among `vertices` forever, take all of them, and violate the property `bit`. */
export type Report = (bit: number, vertices: Int32Array) => void

/**
 * Finds the sets of states in which a run can stay forever although it meets all assumptions of a property.
 * These are strongly connected components. A weak rule that is enabled in all states of a component and never
 * taken inside refutes it. A strong rule that is enabled somewhere and never taken inside rules out those
 * states, and the rest is decomposed again (Streett). A single state in which no assumption forces a step counts
 * as well, because a run may stop there.
 */
export class FairCycles {
  readonly #part: GraphPart
  /** The properties of the kind `stays`. */
  readonly #stays: number
  readonly #report: Report
  readonly #components: Components
  readonly #weak: Int32Array
  readonly #strong: Int32Array
  readonly #finite: Int32Array
  /** By class: the last component that was judged where it is enabled, and where it is taken. */
  readonly #enabledIn: Int32Array
  readonly #takenIn: Int32Array
  /** By class: the states of that component where it is enabled, and the last of them. */
  readonly #count: Int32Array
  readonly #last: Int32Array
  #met: number[] = []
  readonly #work: { readonly mask: number; readonly vertices: Int32Array }[] = []

  constructor(part: GraphPart, classes: Classes, stays: number, report: Report) {
    this.#part = part
    this.#stays = stays
    this.#report = report
    this.#components = new Components(part)
    this.#weak = Int32Array.from(classes.weak)
    this.#strong = Int32Array.from(classes.strong)
    this.#finite = Int32Array.from(classes.finite)
    const array = () => new Int32Array(classes.count)
    this.#enabledIn = array()
    this.#takenIn = array()
    this.#count = array()
    this.#last = array()
  }

  /** Decides the properties in `mask`. */
  find(mask: number): void {
    // Every edge inside the part is one that some property follows.
    this.#components.find(firstNumbers(this.#part.size), undefined, (stack, from, to) =>
      this.#judge(stack, from, to, mask),
    )
    for (let next = this.#work.pop(); next !== undefined; next = this.#work.pop()) {
      const { mask, vertices } = next
      this.#components.find(
        vertices,
        (vertex, edge) => this.#follows(vertex, edge, mask),
        (stack, from, to) => this.#judge(stack, from, to, mask),
      )
    }
  }

  #follows(vertex: number, edge: number, mask: number): boolean {
    const { waiting, target, kind } = this.#part
    const both =
      ((waiting[vertex] as number) | this.#stays) &
      ((waiting[target[edge] as number] as number) | this.#stays)
    return (both & mask & ~(this.#finite[kind[edge] as number] as number)) !== 0
  }

  #judge(stack: Int32Array, from: number, to: number, mask: number): void {
    if (to === from + 1 && !this.#mayRest(stack[from] as number, mask)) return
    const { waiting } = this.#part
    let [everywhere, somewhere, bad] = [mask, 0, 0]
    for (let at = from; at < to; at++) {
      const here = waiting[stack[at] as number] as number
      everywhere &= here | this.#stays
      somewhere |= (here | this.#stays) & mask
      bad |= here & this.#stays
    }
    if (somewhere === 0) return
    const isOne = (mask & (mask - 1)) === 0
    const ended = this.#survey(stack, from, to)
    // The components of one property have been found without the steps that it assumes to end.
    const settled = isOne ? everywhere : everywhere & ~ended
    const [weakly, strongly] = this.#neglected(to - from)
    const alive = settled & ~weakly & (~this.#stays | bad)
    const fair = alive & ~strongly
    const rest = somewhere & ~settled
    if ((fair | rest | (alive & strongly)) === 0) return
    const number = this.#components.of[stack[from] as number] as number
    const vertices = stack.slice(from, to)
    for (let bits = fair; bits !== 0; bits &= bits - 1) this.#report(bits & -bits, vertices)
    for (let bits = alive & strongly; bits !== 0; bits &= bits - 1) {
      const bit = bits & -bits
      this.#add(
        bit,
        vertices.filter(vertex => !this.#isNeglected(vertex, bit, number)),
      )
    }
    for (let bits = rest; bits !== 0; bits &= bits - 1) {
      const bit = bits & -bits
      this.#add(
        bit,
        vertices.filter(vertex => (((waiting[vertex] as number) | this.#stays) & bit) !== 0),
      )
    }
  }

  /**
   * Reports whether a run may stay in a state forever, for some property in `mask`. True is a guess if a step
   * leads from the state to itself.
   */
  #mayRest(vertex: number, mask: number): boolean {
    const { start, target, kind, waiting } = this.#part
    let left = mask & ((waiting[vertex] as number) | this.#stays)
    const end = start[vertex + 1] as number
    for (let edge = start[vertex] as number; edge < end; edge++) {
      if (target[edge] === vertex) return left !== 0
      const one = kind[edge] as number
      left &= ~((this.#weak[one] as number) | (this.#strong[one] as number))
    }
    return left !== 0
  }

  #add(mask: number, vertices: Int32Array): void {
    if (vertices.length > 0) this.#work.push({ mask, vertices })
  }

  /**
   * Counts, for each class, the states of a component where it is enabled, and notes whether it is taken inside.
   * Returns the properties that assume of some step inside that it is taken finitely often.
   */
  #survey(stack: Int32Array, from: number, to: number): number {
    const { start, target, kind } = this.#part
    const { of } = this.#components
    const number = of[stack[from] as number] as number
    this.#met = []
    let ended = 0
    for (let at = from; at < to; at++) {
      const vertex = stack[at] as number
      const end = start[vertex + 1] as number
      for (let edge = start[vertex] as number; edge < end; edge++) {
        const one = kind[edge] as number
        const next = target[edge] as number
        if (one === 0) continue
        if (next >= 0 && of[next] === number) {
          ended |= this.#finite[one] as number
          this.#takenIn[one] = number
        }
        if (this.#enabledIn[one] !== number) {
          this.#enabledIn[one] = number
          this.#count[one] = 0
          this.#last[one] = -1
          this.#met.push(one)
        }
        if (this.#last[one] === vertex) continue
        this.#last[one] = vertex
        this.#count[one] = (this.#count[one] as number) + 1
      }
    }
    return ended
  }

  /** Returns the properties by which a weak class, and a strong class, is neglected in a component of `size` states. */
  #neglected(size: number): [weakly: number, strongly: number] {
    let [weakly, strongly] = [0, 0]
    for (const one of this.#met) {
      if (this.#takenIn[one] === this.#enabledIn[one]) continue
      strongly |= this.#strong[one] as number
      if (this.#count[one] === size) weakly |= this.#weak[one] as number
    }
    return [weakly, strongly]
  }

  /** Reports whether a class that is strong for the property `bit` is enabled in a state but not taken in its component. */
  #isNeglected(vertex: number, bit: number, number: number): boolean {
    const { start, kind } = this.#part
    const end = start[vertex + 1] as number
    for (let edge = start[vertex] as number; edge < end; edge++) {
      const one = kind[edge] as number
      if (((this.#strong[one] as number) & bit) !== 0 && this.#takenIn[one] !== number) return true
    }
    return false
  }
}

/** Returns the numbers below `count`. */
function firstNumbers(count: number): Int32Array {
  const numbers = new Int32Array(count)
  for (let number = 0; number < count; number++) numbers[number] = number
  return numbers
}
