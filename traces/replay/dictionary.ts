/**
 * How what a model calls things is said on the wire. A model's addresses, nonces and versions are small numbers; a
 * host's are not. Versions are the same modulo the model's circle, nonces are learned when flows begin, and flowIDs are
 * those of the model, because the script numbers a host's flows and writes its random numbers.
 */

import type { Nonce } from '../../impl/host/flows/nonces.ts'
import { fromIPv4, ipOf, SERVER_PORT } from '../../impl/link/address.ts'
import type { Address } from '../../impl/link/link.ts'
import { VERNO_SPACE } from '../../spec/machines/flow/registers.ts'
import { FORGED } from '../../spec/worlds/flow/attackers.ts'

/** 10.0.0.1 is a model's address 1. */
const NETWORK = 10 << 24

export const realAddress = (address: number): Address =>
  address === 0 ? 0 : fromIPv4(NETWORK + address, SERVER_PORT)

export const modelAddress = (address: Address): number => (address === 0 ? 0 : ipOf(address) - NETWORK)

/** A first version, so that the circle of 32 bits wraps where the model's does. */
export const realVersion = (version: number, space: number): number =>
  2 * version >= space ? VERNO_SPACE - space + version : version

/** What attackers put in for want of the right one. */
export const FORGED_NONCE: Nonce = { high: 0xffff_ffff, low: 0xffff_ffff }

const keyOf = ({ high, low }: Nonce): string => `${high} ${low}`

export class Dictionary {
  readonly #nonces = new Map<string, number>([[keyOf(FORGED_NONCE), FORGED]])

  /** A flow with this nonce is the model's flow of that one. */
  learn(nonce: Nonce, model: number): void {
    this.#nonces.set(keyOf(nonce), model)
  }

  /** -1 for one that nobody has. */
  modelNonce(nonce: Nonce): number {
    return this.#nonces.get(keyOf(nonce)) ?? -1
  }
}
