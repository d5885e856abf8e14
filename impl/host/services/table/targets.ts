/** The targets of rules: one number for each rule, and separately what does not fit in a number. */
import { must } from '../../../../checker/text/at.ts'
import { hold, release } from '../../../link/address.ts'
import type { Address } from '../../../link/link.ts'

/** The target of a rule, to which it sends packets. A listener belongs to this host. */
export type Target<Listener> =
  | { readonly kind: 'demux'; readonly listener: Listener }
  | { readonly kind: 'forward'; readonly address: Address }
  | { readonly kind: 'delay' }
  | { readonly kind: 'drop' }

/** Negative numbers are special; all others are addresses. */
const DEMUX = -1
const DELAY = -2
const DROP = -3

const DELAYS = { kind: 'delay' } as const
const DROPS = { kind: 'drop' } as const

/** Many rules share few addresses: recent targets are cached, to avoid an allocation per packet. */
const PLACES_BITS = 8

type Forward = { readonly kind: 'forward'; readonly address: Address }

export class Targets<Listener> {
  readonly #listening = new Map<number, { readonly kind: 'demux'; readonly listener: Listener }>()
  readonly #addresses = new Float64Array(1 << PLACES_BITS).fill(-1)
  readonly #forwards: Forward[] = Array.from(this.#addresses, address => ({ kind: 'forward', address }))

  codeOf(target: Target<Listener>): number {
    if (target.kind === 'forward') return target.address
    return target.kind === 'demux' ? DEMUX : target.kind === 'delay' ? DELAY : DROP
  }

  /** True if a number means that packets wait, or are dropped. */
  isVerdict(code: number): boolean {
    return code === DELAY || code === DROP
  }

  /** True if the rule of this row, whose target has this number, has the given target. */
  isAt(row: number, target: Target<Listener>): boolean {
    return target.kind !== 'demux' || this.#listening.get(row)?.listener === target.listener
  }

  /** Sets the target of a row. Holds an IPv6 address until the rule is removed. */
  set(row: number, target: Target<Listener>): void {
    if (target.kind === 'demux') this.#listening.set(row, target)
    else if (target.kind === 'forward') hold(target.address)
  }

  /** Removes the target of a row, which has this number. */
  clear(row: number, code: number): void {
    if (code >= 0) release(code)
    else this.#listening.delete(row)
  }

  listeners(): readonly Listener[] {
    return [...this.#listening.values()].map(({ listener }) => listener)
  }

  at(row: number, code: number): Target<Listener> {
    if (code >= 0) return this.#forward(code)
    return code === DEMUX ? must(this.#listening.get(row)) : code === DELAY ? DELAYS : DROPS
  }

  #forward(address: Address): Forward {
    const place = Math.imul((address * 2 ** -16) ^ address, 0x9e37_79b1) >>> (32 - PLACES_BITS)
    if (this.#addresses[place] === address) return this.#forwards[place] as Forward
    const forward = { kind: 'forward', address } as const
    this.#addresses[place] = address
    this.#forwards[place] = forward
    return forward
  }
}
