import { must } from '../../checker/text/at.ts'
import type { FlowIdSource } from '../../impl/host/flows/flowIds.ts'
import type { RandomSource } from '../../impl/host/random/random.ts'

/** Randomness that was written beforehand: flowIDs and first versions are those that a model chooses. */
export class Script {
  /** A host gives out the flowID that was written, whatever other flows have it in the model. */
  readonly flowIds: FlowIdSource = {
    issue: () => {
      const flowId = must(this.#numbers.shift())
      this.#issued.add(flowId)
      return flowId
    },
    generationOf: flowId => (this.#issued.has(flowId) ? 1 : 0),
    derived: hash => hash,
    isDerived: () => false,
  }
  readonly #issued = new Set<number>()
  readonly #host: number
  #numbers: number[] = []

  /** Hosts have different secrets. */
  constructor(host: number) {
    this.#host = host
  }

  /** Writes the next flowID, then the next random numbers of 32 bits. What was left over is forgotten. */
  write(...numbers: number[]): void {
    this.#numbers = numbers
  }

  readonly source: RandomSource = bytes => {
    bytes.fill(this.#host)
    const number = bytes.length === 4 ? this.#numbers.shift() : undefined
    if (number !== undefined) new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, number, true)
  }
}
