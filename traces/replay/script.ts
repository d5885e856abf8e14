import type { RandomSource } from '../../impl/sal/random.ts'

/** Randomness that was written beforehand: flowIDs and first versions are those that a model chooses. */
export class Script {
  readonly #host: number
  #numbers: number[] = []

  /** Hosts have different secrets. */
  constructor(host: number) {
    this.#host = host
  }

  /** The next numbers of 32 bits. What was left over is forgotten. */
  write(...numbers: number[]): void {
    this.#numbers = numbers
  }

  readonly source: RandomSource = bytes => {
    bytes.fill(this.#host)
    const number = bytes.length === 4 ? this.#numbers.shift() : undefined
    if (number !== undefined) new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, number, true)
  }
}
