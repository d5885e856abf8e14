/** Names of prefixes, for people: kept only where digits would not say the same. */
import { prefixOfId, type ServicePrefix } from '../serviceId.ts'

export class Names {
  readonly #names = new Map<number, string>()

  set(row: number, { id, bits, text }: ServicePrefix): void {
    if (text !== prefixOfId(id, bits).text) this.#names.set(row, text)
  }

  clear(row: number): void {
    this.#names.delete(row)
  }

  get(row: number): string | undefined {
    return this.#names.get(row)
  }
}
