/** A map from services and prefixes to values, keyed by digits: 64 for a service, with `/bits` for a prefix, `*` for all. */
import { at } from '../../checker/text/at.ts'
import {
  covers,
  EVERY_SERVICE,
  printServiceId,
  SERVICE_BITS,
  type ServicePrefix,
  servicePrefixOf,
} from '../host/services/serviceId.ts'

class Several<Item> extends Set<Item> {}

/** Items are objects or numbers, each at most once for an id. */
export class Prefixes<Item extends object | number> {
  /** Most ids have one item; a set of one would take ten times its memory. */
  readonly #byId = new Map<string, Item | Several<Item>>()
  /** How many prefixes have each number of bits. */
  readonly #lengths = new Map<number, number>()
  /** Those numbers, longest first. */
  #sorted: readonly number[] = []

  /** The services and prefixes that have a value. */
  ids(): IterableIterator<string> {
    return this.#byId.keys()
  }

  /** The number of items of an id. */
  count(id: string): number {
    const there = this.#byId.get(id)
    return there instanceof Several ? there.size : there === undefined ? 0 : 1
  }

  at(id: string): Iterable<Item> {
    const there = this.#byId.get(id)
    if (there instanceof Several) return there
    return there === undefined ? [] : [there]
  }

  add(id: string, item: Item): void {
    const there = this.#byId.get(id)
    if (there instanceof Several) there.add(item)
    else if (there === undefined) {
      this.#byId.set(id, item)
      this.#count(id, 1)
    } else if (there !== item) this.#byId.set(id, new Several([there, item]))
  }

  delete(id: string, item: Item): void {
    const there = this.#byId.get(id)
    if (there instanceof Several ? !there.delete(item) || there.size > 0 : there !== item) return
    this.#byId.delete(id)
    this.#count(id, -1)
  }

  /** Returns those that cover a service, longest first. */
  above(service: Uint8Array): string[] {
    const digits = printServiceId(service)
    return this.#sorted.map(bits => idAt(digits, bits)).filter(id => this.#byId.has(id))
  }

  #count(id: string, change: number): void {
    const bits = bitsOf(id)
    const before = this.#lengths.get(bits) ?? 0
    const count = before + change
    if (count > 0) this.#lengths.set(bits, count)
    else this.#lengths.delete(bits)
    if (before === 0 || count === 0) this.#sorted = [...this.#lengths.keys()].sort((a, b) => b - a)
  }
}

/** Returns the prefix of a service with this many bits. */
function idAt(digits: string, bits: number): string {
  if (bits === 0) return EVERY_SERVICE
  if (bits === SERVICE_BITS) return digits
  const [whole, rest] = [bits >> 2, bits & 3]
  const last = rest === 0 ? '' : (Number.parseInt(at(digits, whole), 16) & (0xf0 >> rest)).toString(16)
  return `${(digits.slice(0, whole) + last).padEnd(digits.length, '0')}/${bits}`
}

export const bitsOf = (id: string): number =>
  id === EVERY_SERVICE ? 0 : Number(id.split('/')[1] ?? SERVICE_BITS)

/** True if a service or prefix lies below `prefix`. */
export const isBelow = (prefix: ServicePrefix, id: string): boolean =>
  bitsOf(id) >= prefix.bits && covers(prefix, servicePrefixOf(id).id)
