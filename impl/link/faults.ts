/**
 * A link that behaves like a bad network. Randomness and time are arguments: with a seeded generator and a virtual
 * clock, the same calls give the same run to the byte. Without faults it changes nothing and draws no random number.
 */
import type { Address } from './address.ts'
import { type FaultCounters, type FaultOptions, Impairment, NO_FAULTS } from './impairment.ts'
import type { Clock, Datagram, Link } from './link.ts'

/** A link with faults that can be changed. */
export interface FaultyLink extends Link {
  /** Applies to datagrams from now on; datagrams already held keep their times. Throws LINK_OPTION. */
  set(faults: Faults): void
  /** Blocks both directions between two addresses until `heal`. */
  cut(one: Address, other: Address): void
  heal(one: Address, other: Address): void
  readonly sending: FaultCounters
  readonly receiving: FaultCounters
}

/** Faults of each direction; omitted ones are as in `NO_FAULTS`. */
export interface Faults {
  readonly send?: Partial<FaultOptions>
  readonly receive?: Partial<FaultOptions>
}

/** Blocked pairs of addresses, each stored once. */
class Cuts {
  readonly #pairs = new Set<string>()

  static #key(one: Address, other: Address): string {
    return one < other ? `${one} ${other}` : `${other} ${one}`
  }

  set(one: Address, other: Address, isCut: boolean): void {
    if (isCut) this.#pairs.add(Cuts.#key(one, other))
    else this.#pairs.delete(Cuts.#key(one, other))
  }

  has({ from, to }: Datagram): boolean {
    return this.#pairs.size > 0 && this.#pairs.has(Cuts.#key(from, to))
  }
}

/** `random` returns numbers in [0, 1). Throws LINK_OPTION. */
export function faults(link: Link, options: Faults, random: () => number, clock: Clock): FaultyLink {
  const cuts = new Cuts()
  const isCut = (datagram: Datagram): boolean => cuts.has(datagram)
  let listener: ((batch: readonly Datagram[]) => void) | undefined
  let isClosed = false
  const sending = new Impairment(random, clock, isCut, batch => link.send(batch))
  const receiving = new Impairment(random, clock, isCut, batch => {
    if (!isClosed) listener?.(batch)
  })
  const set = ({ send, receive }: Faults): void => {
    sending.set({ ...NO_FAULTS, ...send })
    receiving.set({ ...NO_FAULTS, ...receive })
  }
  set(options)
  link.receive(batch => receiving.pass(batch))
  return {
    mtu: link.mtu,
    addresses: () => link.addresses(),
    send: batch => {
      sending.pass(batch)
      return false
    },
    receive: wanted => {
      listener = wanted
    },
    changed: wanted => link.changed(wanted),
    close: () => {
      isClosed = true
      return link.close()
    },
    set,
    cut: (one, other) => cuts.set(one, other, true),
    heal: (one, other) => cuts.set(one, other, false),
    sending: sending.counters,
    receiving: receiving.counters,
  }
}
