import { must } from '../../checker/text/at.ts'
import type { FlowIdSource } from '../../impl/host/flows/flowIds.ts'
import type { RandomSource } from '../../impl/host/random/random.ts'

/** A scripted source of randomness, from which a host gets the flowIDs and first versions that the model chooses. */
export class Script {
  /** Issues the scripted flowID, even if another flow of the model has it. */
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

  /** `host` seeds the secrets, so that hosts have different ones. */
  constructor(host: number) {
    this.#host = host
  }

  /** The host has never issued this flowID. */
  forget(flowId: number): void {
    this.#issued.delete(flowId)
  }

  /** Sets the next flowID and the 32-bit random numbers after it. Discards numbers left over. */
  write(...numbers: number[]): void {
    this.#numbers = numbers
  }

  readonly source: RandomSource = bytes => {
    bytes.fill(this.#host)
    const number = bytes.length === 4 ? this.#numbers.shift() : undefined
    if (number !== undefined) new DataView(bytes.buffer, bytes.byteOffset).setUint32(0, number, true)
  }
}
