import { at } from '../../checker/text/at.ts'

/**
 * The network of a model: a bag of packets. It is kept sorted, so that the same packets are the same state in whatever
 * order they were sent: every order of delivery is explored, and that is all that reordering is. Where `w.ordered` is
 * set it is a queue instead, first in, first out for each destination.
 */
interface Net {
  readonly ordered: number
  net: number[]
}

/** Room for one packet more. */
export const hasRoom = (w: Net): boolean => w.net[w.net.length - 1] === 0

/** Puts a packet in. A full network loses it, like a full queue. */
export const insert = (w: Net, packet: number): void => {
  if (hasRoom(w)) {
    if (w.ordered === 1) append(w, packet)
    else sortIn(w, packet)
  }
}

export const append = (w: Net, packet: number): void => {
  let rest = packet
  for (let i = 0; i < w.net.length; i++) {
    if (rest !== 0 && w.net[i] === 0) {
      w.net[i] = rest
      rest = 0
    }
  }
}

/** The largest first; zeros, which are free places, last. */
export const sortIn = (w: Net, packet: number): void => {
  let rest = packet
  for (let i = 0; i < w.net.length; i++) {
    if (rest > at(w.net, i)) {
      const larger = rest
      rest = at(w.net, i)
      w.net[i] = larger
    }
  }
}

/** Takes the packet at `m` out and closes the gap. */
export const remove = (w: Net, m: number): void => {
  for (let i = m; i < w.net.length - 1; i++) w.net[i] = at(w.net, i + 1)
  w.net[w.net.length - 1] = 0
}

/** Whether there is a packet at `m` that is not the twin of the one before it, whose delivery leads to the same state. */
export const isFirst = (w: Net, m: number): boolean =>
  w.net[m] !== 0 && (m === 0 || w.ordered === 1 || w.net[m] !== w.net[m - 1])
