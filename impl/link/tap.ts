/** A link that can be observed while it runs. Without observers it costs one check per batch. */
import type { Datagram, Link } from './link.ts'

/** Sees traffic before it is passed on. A tap changes nothing, and copies what it keeps. */
export type Tap = (batch: readonly Datagram[], direction: 'in' | 'out') => void

export interface TappedLink extends Link {
  readonly taps: Set<Tap>
}

export function tapped(link: Link): TappedLink {
  const taps = new Set<Tap>()
  return {
    taps,
    mtu: link.mtu,
    addresses: () => link.addresses(),
    send: batch => {
      for (const tap of taps) tap(batch, 'out')
      return link.send(batch)
    },
    receive: listener =>
      link.receive(batch => {
        for (const tap of taps) tap(batch, 'in')
        listener(batch)
      }),
    changed: listener => link.changed(listener),
    close: () => link.close(),
  }
}
