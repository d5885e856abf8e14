/** The scripted transport of a flow in the model `flows`: it sends the datum, or asks whether the peer still has the flow. */
import { DATAGRAM_BYTES } from '../../../spec/wire/datagram.ts'
import { Puppet } from '../puppet.ts'

/** A data packet carries the datum, or asks for an answer. */
export const SAYS = { DATUM: 1, ASK: 2 } as const

export class Prober extends Puppet {
  /** 1: the flow is not the one on which its end sends adverts. */
  timeouts = 0
  /** The datum has arrived. */
  hasDatum = false

  override receive(bytes?: Uint8Array, start = 0): void {
    if (bytes?.[start + DATAGRAM_BYTES] === SAYS.DATUM) this.hasDatum = true
  }

  override retry(): void {
    this.say(SAYS.ASK)
  }
}
