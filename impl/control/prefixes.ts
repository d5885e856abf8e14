/** What stands at services and prefixes, by their digits: 64 for a service, with `/bits` for a prefix, `*` for all. */
import {
  covers,
  EVERY_SERVICE,
  prefixAt,
  printPrefix,
  SERVICE_BITS,
  type ServicePrefix,
  servicePrefixOf,
} from '../sal/serviceId.ts'

export class Prefixes<Item> {
  readonly #byId = new Map<string, Set<Item>>()
  /** How many prefixes have so many bits. */
  readonly #lengths = new Map<number, number>()

  /** Those where something stands. */
  ids(): IterableIterator<string> {
    return this.#byId.keys()
  }

  at(id: string): Iterable<Item> {
    return this.#byId.get(id) ?? []
  }

  add(id: string, item: Item): void {
    const there = this.#byId.get(id)
    if (there !== undefined) there.add(item)
    else {
      this.#byId.set(id, new Set([item]))
      this.#count(id, 1)
    }
  }

  delete(id: string, item: Item): void {
    const there = this.#byId.get(id)
    if (!there?.delete(item) || there.size > 0) return
    this.#byId.delete(id)
    this.#count(id, -1)
  }

  /** Those that a service begins with, longest first. */
  above(service: Uint8Array): string[] {
    return [...this.#lengths.keys()]
      .sort((a, b) => b - a)
      .map(bits => printPrefix(prefixAt(service, bits)))
      .filter(id => this.#byId.has(id))
  }

  #count(id: string, change: number): void {
    const bits = bitsOf(id)
    const count = (this.#lengths.get(bits) ?? 0) + change
    if (count > 0) this.#lengths.set(bits, count)
    else this.#lengths.delete(bits)
  }
}

export const bitsOf = (id: string): number =>
  id === EVERY_SERVICE ? 0 : Number(id.split('/')[1] ?? SERVICE_BITS)

/** Whether a service or prefix begins so. */
export const isBelow = (prefix: ServicePrefix, id: string): boolean =>
  bitsOf(id) >= prefix.bits && covers(prefix, servicePrefixOf(id).id)
