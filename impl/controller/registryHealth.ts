/** Describes the fault of a controller's registry. Operators see each change once, however many writes fail. */
import type { RegistryError } from './registry/errors.ts'

/** The registry does not answer. */
const SILENT = 'it does not answer; controllers go on with what they know, and store nothing'

/** The registry answers again, and has none of its entries. */
const LOST = 'it has lost its entries; controllers store again what they remember, and hosts register again'

export class RegistryHealth {
  readonly #changed: (trouble: string) => void
  #isReachable = true
  #refusal = ''
  #told = ''

  /** `changed` is called with the new fault; empty when the registry answers and stores again. */
  constructor(changed: (trouble: string) => void) {
    this.#changed = changed
  }

  /** Empty while the registry answers and stores. */
  get trouble(): string {
    return this.#isReachable ? this.#refusal : SILENT
  }

  reachable(isReachable: boolean): void {
    this.#isReachable = isReachable
    // An earlier refusal means nothing any more.
    this.#refusal = ''
    this.#tell()
  }

  /** The registry has lost its entries. */
  lost(): void {
    this.#told = LOST
    this.#changed(LOST)
  }

  /** A write has succeeded. */
  stored(): void {
    if (this.#refusal === '') return
    this.#refusal = ''
    this.#tell()
  }

  /** A write was refused, and not because of a conflict. */
  refused({ message }: RegistryError): void {
    if (this.#isReachable && this.#refusal === '') this.#refusal = message
    this.#tell()
  }

  #tell(): void {
    const { trouble } = this
    if (trouble === this.#told) return
    this.#told = trouble
    this.#changed(trouble)
  }
}
