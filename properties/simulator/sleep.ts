/** A host that does not run for a while: its process is stalled, or the machine is suspended. */
import type { Datagram } from '../../impl/link/link.ts'

/** Bytes that the system keeps for a stalled process; it drops later packets. As on Linux. */
const SOCKET_BUFFER_BYTES = 212_992

export class Sleep {
  readonly sinceMs: number
  /** Packets that have arrived for a stalled process. */
  readonly pending: Datagram[] = []
  /** What happens in the host when it runs again. */
  readonly tasks: (() => void)[] = []
  readonly #isSuspended: boolean
  #bytes = 0

  constructor(sinceMs: number, isSuspended: boolean) {
    this.sinceMs = sinceMs
    this.#isSuspended = isSuspended
  }

  /** Packets arrive. A suspended machine loses them. */
  receive(batch: readonly Datagram[]): void {
    if (this.#isSuspended) return
    for (const datagram of batch) {
      if (this.#bytes + datagram.bytes.length > SOCKET_BUFFER_BYTES) return
      this.#bytes += datagram.bytes.length
      this.pending.push(datagram)
    }
  }
}
