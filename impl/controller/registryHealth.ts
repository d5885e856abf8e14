/** What is wrong with a controller's registry, in words. Operators read each change once, however many writes fail. */
import type { RegistryError } from './registry/errors.ts'

/** The registry does not answer. */
const SILENT = 'it does not answer; controllers go on with what they know, and store nothing'

export class RegistryHealth {
  readonly #changed: (trouble: string) => void
  #isReachable = true
  #refusal = ''
  #told = ''

  /** `changed`: what is wrong now; empty when the registry answers and stores again. */
  constructor(changed: (trouble: string) => void) {
    this.#changed = changed
  }

  /** Empty while the registry answers and stores. */
  get trouble(): string {
    return this.#isReachable ? this.#refusal : SILENT
  }

  reachable(isReachable: boolean): void {
    this.#isReachable = isReachable
    // What it refused before says nothing now.
    this.#refusal = ''
    this.#tell()
  }

  /** It has stored something. */
  stored(): void {
    if (this.#refusal === '') return
    this.#refusal = ''
    this.#tell()
  }

  /** It has refused to store something, and not because somebody else was faster. */
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
