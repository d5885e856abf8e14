/**
 * Translates between the small numbers of a model and the values on the wire. Versions are equal modulo the model's circle.
 * The dictionary learns a nonce when its flow begins. FlowIDs need no translation, because the script chooses those of the
 * model for each host.
 */

import type { Nonce } from '../../impl/host/flows/nonces.ts'
import { fromIPv4, ipOf, SERVER_PORT } from '../../impl/link/address.ts'
import type { Address } from '../../impl/link/link.ts'
import { VERNO_SPACE } from '../../spec/machines/flow/registers.ts'
import { FORGED } from '../../spec/worlds/flow/attackers.ts'

/** The model's address 1 is 10.0.0.1. */
const NETWORK = 10 << 24

export const realAddress = (address: number): Address =>
  address === 0 ? 0 : fromIPv4(NETWORK + address, SERVER_PORT)

export const modelAddress = (address: Address): number => (address === 0 ? 0 : ipOf(address) - NETWORK)

/** Returns the first version for which the 32-bit circle wraps at the same step as the model's. */
export const realVersion = (version: number, space: number): number =>
  2 * version >= space ? VERNO_SPACE - space + version : version

/** The nonce in forged packets: attackers do not know the right one. */
export const FORGED_NONCE: Nonce = { high: 0xffff_ffff, low: 0xffff_ffff }

const keyOf = ({ high, low }: Nonce): string => `${high} ${low}`

export class Dictionary {
  readonly #nonces = new Map<string, number>([[keyOf(FORGED_NONCE), FORGED]])

  /** Records that the real `nonce` stands for the nonce `model`. */
  learn(nonce: Nonce, model: number): void {
    this.#nonces.set(keyOf(nonce), model)
  }

  /** Returns the model's nonce, or -1 if no flow has this one. */
  modelNonce(nonce: Nonce): number {
    return this.#nonces.get(keyOf(nonce)) ?? -1
  }
}
