/** A link that writes down what passes, as a capture that Wireshark reads. */
import type { Clock } from './clock.ts'
import type { Datagram, Link } from './link.ts'
import { captureBlocks, captureHeader } from './pcapng.ts'

/**
 * `sink` gets the file piece by piece: its beginning at once, then one piece for each batch. Datagrams are written as
 * they are handed over, sent ones also when the link then drops them; those that no IP packet can carry are left out.
 * Times are the clock's, in ms, taken as since 1970.
 */
export function capture(link: Link, sink: (bytes: Uint8Array) => void, clock: Clock): Link {
  sink(captureHeader())
  let isClosed = false
  const write = (batch: readonly Datagram[], direction: 'in' | 'out'): void => {
    const blocks = captureBlocks(batch, direction, clock.now)
    if (blocks.length > 0 && !isClosed) sink(blocks)
  }
  return {
    mtu: link.mtu,
    addresses: () => link.addresses(),
    send: batch => {
      write(batch, 'out')
      return link.send(batch)
    },
    receive: listener =>
      link.receive(batch => {
        // Before the listener, who owns the bytes and may change them.
        write(batch, 'in')
        listener(batch)
      }),
    changed: listener => link.changed(listener),
    close: () => {
      isClosed = true
      return link.close()
    },
  }
}
