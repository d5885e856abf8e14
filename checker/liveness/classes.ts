import type { Fairness, Liveness, Rule } from '../ir/ir.ts'
import { familyOf } from '../ir/rules.ts'

/** For each kind of assumption, the properties that make it, as a bit mask. */
type Masks = Readonly<Record<Fairness, number>>

const NOTHING: Masks = { weak: 0, strong: 0, finite: 0 }

/** Properties that are decided at once: each is a bit of a positive integer. */
export const PROPERTIES_AT_ONCE = 31

/** Returns what a property assumes of a rule. */
export function fairnessOf({ under }: Liveness, rule: Rule): Fairness | undefined {
  return under === undefined ? rule.fair : under[familyOf(rule)]
}

/**
 * Numbers the classes of steps of which properties assume something together. Class 0 holds the steps of which
 * no property assumes anything.
 */
export class Classes {
  /** By class, the properties that assume this of it. */
  readonly weak: number[] = [0]
  readonly strong: number[] = [0]
  readonly finite: number[] = [0]
  readonly #rules: readonly Masks[]
  /** By rule, the class of its steps where `each` is 0 or absent. */
  readonly #plain: Int32Array
  /** By rule, the number of its family with its masks; -1 where `each` is absent. */
  readonly #family: Int32Array
  #values = new Values()

  constructor(rules: readonly Rule[], properties: readonly Liveness[]) {
    this.#rules = rules.map(rule => masksOf(rule, properties))
    const families: string[] = []
    this.#plain = new Int32Array(rules.length)
    this.#family = new Int32Array(rules.length).fill(-1)
    rules.forEach((rule, number) => {
      const { weak, strong, finite } = this.#rules[number] as Masks
      this.#plain[number] = this.#make(rule.each ? { ...NOTHING, finite } : { weak, strong, finite })
      if (rule.each === undefined || (weak | strong) === 0) return
      const name = JSON.stringify([familyOf(rule), weak, strong, finite])
      if (!families.includes(name)) families.push(name)
      this.#family[number] = families.indexOf(name)
    })
  }

  /** The number of classes so far. */
  get count(): number {
    return this.weak.length
  }

  /** Returns the class of a step by `rule`, whose `each` has the value `each`. */
  of(rule: number, each: number): number {
    const family = this.#family[rule] as number
    if (family < 0 || each === 0) return this.#plain[rule] as number
    const known = this.#values.get(family, each)
    return known > 0 ? known : this.#values.set(family, each, this.#make(this.#rules[rule] as Masks))
  }

  #make({ weak, strong, finite }: Masks): number {
    if ((weak | strong | finite) === 0) return 0
    this.weak.push(weak)
    this.strong.push(strong)
    this.finite.push(finite)
    return this.weak.length - 1
  }
}

function masksOf(rule: Rule, properties: readonly Liveness[]): Masks {
  const masks = { ...NOTHING }
  properties.forEach((property, index) => {
    const fair = fairnessOf(property, rule)
    if (fair !== undefined) masks[fair] |= 1 << index
  })
  return masks
}

/** A hash table from pairs of small numbers to positive numbers. A Map would take most of the search's time. */
class Values {
  #table = new Int32Array(3 * 1024)
  #count = 0

  /** Returns 0 for an unknown pair. */
  get(one: number, other: number): number {
    return this.#table[this.#find(one, other) + 2] as number
  }

  set(one: number, other: number, value: number): number {
    if (3 * 2 * ++this.#count > this.#table.length) this.#grow()
    this.#table.set([one, other, value], this.#find(one, other))
    return value
  }

  #find(one: number, other: number): number {
    const table = this.#table
    const slots = table.length / 3
    const hash = Math.imul(other ^ Math.imul(one + 1, 0x85ebca6b), 0x9e3779b1)
    let at = 3 * ((hash >>> 8) & (slots - 1))
    while (table[at + 2] !== 0 && (table[at] !== one || table[at + 1] !== other)) at = (at + 3) % table.length
    return at
  }

  #grow(): void {
    const before = this.#table
    this.#table = new Int32Array(2 * before.length)
    for (let at = 0; at < before.length; at += 3)
      if (before[at + 2] !== 0)
        this.#table.set(
          before.subarray(at, at + 3),
          this.#find(before[at] as number, before[at + 1] as number),
        )
  }
}
