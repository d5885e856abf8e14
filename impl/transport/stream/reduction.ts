/** Proportional Rate Reduction (RFC 6937): in recovery, sending follows deliveries, scaled down to the new threshold. */
export class Reduction {
  /** How many bytes may be in flight. */
  window = 0
  #delivered = 0
  #sent = 0
  #flight = 0
  #threshold = 0

  /** Starts a recovery with `flight` unacknowledged bytes. At least one segment may leave. */
  begin(flight: number, threshold: number, pipe: number, mss: number): void {
    this.#delivered = 0
    this.#sent = 0
    this.#flight = flight
    this.#threshold = threshold
    this.window = pipe + mss
  }

  sent(bytes: number): void {
    this.#sent += bytes
  }

  /** `delivered` bytes arrived. `isSafe`: the first unacknowledged byte moved, and nothing more was lost. */
  deliver(delivered: number, pipe: number, isSafe: boolean, mss: number): void {
    this.#delivered += delivered
    let count: number
    if (pipe > this.#threshold)
      count = Math.ceil((this.#delivered * this.#threshold) / this.#flight) - this.#sent
    else {
      const owed = Math.max(this.#delivered - this.#sent, delivered) + (isSafe ? mss : 0)
      count = Math.min(this.#threshold - pipe, owed)
    }
    // The first retransmission leaves immediately, whatever the balance.
    if (this.#sent === 0) count = Math.max(count, mss)
    this.window = pipe + Math.max(0, count)
  }
}
