/** Readable names of prefixes, kept only where the digits do not say the same. */
import { printPrefix, type ServicePrefix } from '../serviceId.ts'

export class Names {
  readonly #names = new Map<number, string>()

  set(row: number, prefix: ServicePrefix): void {
    if (prefix.text !== printPrefix(prefix)) this.#names.set(row, prefix.text)
  }

  clear(row: number): void {
    this.#names.delete(row)
  }

  /** Returns the prefix of a row as it was added. */
  prefixOf(row: number, id: Uint8Array, bits: number): ServicePrefix {
    return { id, bits, text: this.#names.get(row) ?? printPrefix({ id, bits }) }
  }
}
