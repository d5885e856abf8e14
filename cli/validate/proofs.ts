/**
 * Checks the proofs that the packets of a host's connections carry (invariants 33 and 34). The keys of a connection stand in the
 * handshake of its first flow. Proofs whose keys the capture does not hold count as good.
 */
import { Keys, LABEL, NO_NONCE, sameMac } from '../../impl/host/connections/keys.ts'
import type { Nonce } from '../../impl/host/flows/nonces.ts'
import type { Address } from '../../impl/link/link.ts'
import { SYN, SYNACK } from '../../spec/machines/flow/packets.ts'
import type { Frame } from '../../spec/wire/frame.ts'
import { kindOf } from '../../spec/wire/kinds.ts'
import { advertOf, echoedOf, joinOf, keyOf } from '../../spec/wire/negotiation.ts'

/** The keys of a connection at the host's end, and at the other. */
interface Secrets {
  readonly own: Nonce
  peer: Nonce | undefined
}

/** A flow of the host. */
interface Known {
  readonly secrets: Secrets
  readonly nonce: Nonce
  /** The host began the handshake. */
  readonly isJoiner: boolean
  peerNonce: Nonce | undefined
  peerFlow: number
}

/** A SYN that has come. */
interface Asked {
  readonly nonce: Nonce
  readonly key: Nonce | undefined
  /** Of the connection that it joins. */
  readonly secrets: Secrets | undefined
}

export class Proofs {
  /** By the host's flowIDs. */
  readonly #flows = new Map<number, Known>()
  readonly #asked = new Map<string, Asked>()

  /** Reads a packet of the host. Returns false if a proof in it is wrong. `peer` is the other end's address. */
  see(frame: Frame, isOut: boolean, peer: Address): boolean {
    const kind = kindOf(frame)
    if (kind === SYN) return this.#seeSyn(frame, isOut, peer)
    if (kind === SYNACK) return this.#seeAnswer(frame, isOut, peer)
    const known = this.#flows.get(isOut ? frame.srcFlow : frame.dstFlow)
    const keys = known && keysOf(known.secrets, isOut)
    if (known === undefined || keys === undefined) return true
    return (
      (frame.join < 0 || provesJoin(frame, keys, LABEL.ACK, known)) &&
      (frame.advertised < 0 || provesAdvert(frame, keys)) &&
      (frame.echoed < 0 || provesEcho(frame, keys))
    )
  }

  #seeSyn(frame: Frame, isOut: boolean, peer: Address): boolean {
    const nonce = nonceOf(frame)
    const key = frame.key < 0 ? undefined : keyOf(frame)
    const secrets = frame.join < 0 ? undefined : this.#named(joinOf(frame).flow, isOut)
    const of = secrets ?? (isOut && key !== undefined ? { own: key, peer: undefined } : undefined)
    if (!isOut) this.#asked.set(`${peer} ${frame.srcFlow}`, { nonce, key, secrets })
    else if (of !== undefined)
      this.#flows.set(frame.srcFlow, {
        ...{ secrets: of, nonce, isJoiner: true, peerNonce: undefined, peerFlow: 0 },
      })
    const keys = secrets && keysOf(secrets, isOut)
    if (keys === undefined) return true
    const ends = { joinerNonce: nonce, answererNonce: NO_NONCE, joinerFlow: frame.srcFlow, answererFlow: 0 }
    const { flags, mac } = joinOf(frame)
    return sameMac(keys.join(LABEL.SYN, flags, ends), mac)
  }

  #seeAnswer(frame: Frame, isOut: boolean, peer: Address): boolean {
    const nonce = nonceOf(frame)
    const key = frame.key < 0 ? undefined : keyOf(frame)
    if (isOut) {
      const asked = this.#asked.get(`${peer} ${frame.dstFlow}`)
      const secrets = asked?.secrets ?? (key && { own: key, peer: asked?.key })
      if (asked === undefined || secrets === undefined) return true
      const known = {
        ...{ secrets, nonce, isJoiner: false, peerNonce: asked.nonce, peerFlow: frame.dstFlow },
      }
      this.#flows.set(frame.srcFlow, known)
      return this.#provesAnswer(frame, known, isOut)
    }
    const known = this.#flows.get(frame.dstFlow)
    if (known === undefined) return true
    const heard = { ...known, peerNonce: nonce, peerFlow: frame.srcFlow }
    if (!this.#provesAnswer(frame, heard, isOut)) return false
    // Only the first answer counts: a later one with other keys changes nothing at the host.
    if (known.peerFlow !== 0) return true
    known.peerNonce = nonce
    known.peerFlow = frame.srcFlow
    if (frame.join < 0) known.secrets.peer = key
    return true
  }

  #provesAnswer(frame: Frame, known: Known, isOut: boolean): boolean {
    const keys = keysOf(known.secrets, isOut)
    return frame.join < 0 || keys === undefined || provesJoin(frame, keys, LABEL.SYNACK, known)
  }

  /** A SYN names a flow that its receiver has. */
  #named(flow: number, isOut: boolean): Secrets | undefined {
    if (!isOut) return this.#flows.get(flow)?.secrets
    for (const { peerFlow, secrets } of this.#flows.values()) if (peerFlow === flow) return secrets
    return undefined
  }
}

const nonceOf = ({ nonceHigh, nonceLow }: Frame): Nonce => ({ high: nonceHigh, low: nonceLow })

/** Returns the keys of what the sender proves. */
function keysOf({ own, peer }: Secrets, isOut: boolean): Keys | undefined {
  if (peer === undefined) return undefined
  return isOut ? new Keys(own, peer) : new Keys(peer, own)
}

function provesJoin(frame: Frame, keys: Keys, label: number, known: Known): boolean {
  const { nonce, peerNonce, peerFlow, isJoiner } = known
  if (peerNonce === undefined) return true
  // A flow's own ID is where its host stands in the packet.
  const own = frame.srcFlow === peerFlow ? frame.dstFlow : frame.srcFlow
  const { flags, mac } = joinOf(frame)
  const right = keys.join(label, flags, {
    joinerNonce: isJoiner ? nonce : peerNonce,
    answererNonce: isJoiner ? peerNonce : nonce,
    joinerFlow: isJoiner ? own : peerFlow,
    answererFlow: isJoiner ? peerFlow : own,
  })
  return sameMac(right, mac)
}

function provesAdvert(frame: Frame, keys: Keys): boolean {
  const { mac, version, lines } = advertOf(frame)
  return sameMac(mac, keys.advert(frame.srcFlow, version, lines))
}

function provesEcho(frame: Frame, keys: Keys): boolean {
  const { mac, version } = echoedOf(frame)
  return sameMac(mac, keys.echo(frame.srcFlow, version))
}
