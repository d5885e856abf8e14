/** A link that records its traffic in a format that Wireshark reads. */
import type { Clock, Datagram, Link } from './link.ts'
import { captureBlocks, captureHeader } from './pcapng.ts'

/**
 * Passes the file to `sink` piece by piece: the header immediately, then one piece per batch. Records a sent datagram
 * even if the link then drops it. Omits datagrams that no IP packet can carry. Times are the clock's, in ms, read as
 * time since 1970.
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
        // Records first, because the listener owns the bytes and may change them.
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
