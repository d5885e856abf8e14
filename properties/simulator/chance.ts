/** The choices of a plan, drawn from its seed. */
import { must } from '../../checker/text/at.ts'
import { randomFraction, seededRandom } from '../../impl/host/random/random.ts'

export class Chance {
  readonly #random: () => number

  constructor(seed: number) {
    const source = seededRandom(seed)
    this.#random = () => randomFraction(source)
  }

  below(n: number): number {
    return Math.floor(this.#random() * n)
  }

  /** Returns a number from 1 to `most`, uniform in its logarithm. */
  size(most: number): number {
    return Math.round(Math.exp(this.#random() * Math.log(most)))
  }

  /** Returns a number from `least` to `most`, uniform in its logarithm. */
  between(least: number, most: number): number {
    return Math.round(least * Math.exp(this.#random() * Math.log(most / least)))
  }

  share(most: number): number {
    return Math.round(this.#random() * most * 1000) / 1000
  }

  oneIn(n: number): boolean {
    return this.below(n) === 0
  }

  pick<T>(items: readonly T[]): T {
    return must(items[this.below(items.length)])
  }

  /** Returns one of the kinds, each with a chance in proportion to its weight. */
  weighted<K extends string>(kinds: readonly (readonly [K, number])[]): K {
    let left = this.#random() * kinds.reduce((sum, [, weight]) => sum + weight, 0)
    for (const [kind, weight] of kinds) {
      left -= weight
      if (left < 0) return kind
    }
    return must(kinds.at(-1))[0]
  }
}
