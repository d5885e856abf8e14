/** The traffic of a host as packets of the machine. */

import { ACK, DATA, type Packet, RSYN, RSYNACK, SYN, SYNACK } from '../../spec/machines/flow/packets.ts'
import { CONTROL_BYTES, HEADER_BYTES } from '../../spec/wire/format.ts'
import { decodeFrame, newFrame } from '../../spec/wire/frame.ts'
import { finOf, flagsOf, kindOf } from '../../spec/wire/kinds.ts'
import { advertOf, echoedOf, joinOf } from '../../spec/wire/negotiation.ts'
import { read32 } from '../../spec/wire/numbers.ts'

/**
 * A packet on its way into the host or out of it. Addresses are opaque numbers; 0 is none, and as the destination of a
 * SYN any: a broadcast address.
 */
export interface Observed {
  readonly from: number
  readonly to: number
  readonly bytes: Uint8Array
  readonly timeMs: number
  readonly direction: 'in' | 'out'
  /** Who sent it first, by its own word; 0 a place where no host is. Absent where it says nothing. */
  readonly origin?: number
  /** Whether it is a message of the host to a rendezvous. */
  readonly isToRendezvous?: boolean
  /** Whether its transport part has the checksum that belongs to these addresses. */
  readonly isIntact: boolean
  /** False if it proves the keys of its connection wrongly. */
  readonly isProved?: boolean
}

/** One that the machine has a word for. Nonces are numbered as they come. */
export interface Seen extends Packet {
  /** From 1, in the order of the capture. */
  readonly number: number
  readonly timeMs: number
  /** With the flags that its kind is sent with. */
  readonly isProper: boolean
  /** True if an ended flow need not answer it: the rate limit may be reached, or a RST would be longer (invariant 54). */
  readonly mayBeIgnored: boolean
  /** 1: a SYN that only SOURCE says to be from there. */
  readonly claimed: number
  /** The reset token that it tells, numbered like nonces; 0 for none. */
  readonly token: number
  /** 0: what it says of its connection is not proved. */
  readonly proves: 0 | 1
  /** A flow of the connection that it joins, of the receiver; 0 for none. */
  readonly names: number
  /** The versions of the advertisement and the echo in an ACK. */
  readonly advertises?: number
  readonly echoes?: number
  /** Who else may have sent it, if the host believes so; 0 if it then drops it. */
  readonly relayedFrom?: number
}

/** Why no machine has a word for a packet: it is none of SAL or damaged, has no connection, or is sent on for another. */
export type Wordless = 'unreadable' | 'unconnected' | 'forwarded'

/** 64-bit nonces as small numbers from 1; 0 is none. */
export class Nonces {
  readonly #numbers = new Map<string, number>()

  number(high: number, low: number): number {
    const key = `${high} ${low}`
    const known = this.#numbers.get(key)
    if (known !== undefined) return known
    this.#numbers.set(key, this.#numbers.size + 1)
    return this.#numbers.size
  }
}

/** The length of a RST. */
const RST_BYTES = HEADER_BYTES + CONTROL_BYTES

const frame = newFrame()

/** What came, as the host that is judged takes it. */
export interface Manner {
  readonly number: number
  /** True if so many packets came that the rate limit may be reached. */
  readonly isOneOfMany: boolean
  /** Whether the host believes of packets from there that they were relayed; undefined when nobody can tell. */
  readonly believes: (from: number) => boolean | undefined
}

export function read(observed: Observed, nonces: Nonces, manner: Manner): Seen | Wordless {
  const { to, bytes, timeMs, isIntact, direction } = observed
  const { number, isOneOfMany } = manner
  if (!isIntact || decodeFrame(bytes, 0, bytes.length, frame) !== 0) return 'unreadable'
  const kind = kindOf(frame)
  const mayBeIgnored = isOneOfMany || bytes.length < RST_BYTES
  if (kind < 0) return 'unreadable'
  const isData = kind === DATA
  if (isData && frame.service >= 0) return 'unconnected'
  // Of its own only a SYN-ACK says which way a packet went.
  if (direction === 'out' && kind !== SYNACK && frame.sourceCount > 0) return 'forwarded'
  const sender = senderOf(observed, kind, manner)
  if (sender.from === 0) return 'unreadable'
  const fin = finOf(frame)
  return {
    ...{ number, timeMs, kind, to, fin, mayBeIgnored, ...sender },
    isProper: frame.flags === flagsOf(kind, fin),
    verno: isData ? 0 : frame.verno,
    ackno: isData ? 0 : frame.ackno,
    nonce: isData ? 0 : nonces.number(frame.nonceHigh, frame.nonceLow),
    srcFlow: frame.srcFlow,
    dstFlow: frame.dstFlow,
    service: frame.service >= 0 ? 1 : 0,
    capabilities: frame.capabilities,
    ...tokenIn(nonces),
    challenge: frame.challenge < 0 ? 0 : 1,
    echo: frame.echo < 0 ? 0 : 1,
    joins: frame.join < 0 ? 0 : 1,
    proves: observed.isProved === false ? 0 : 1,
    names: frame.join < 0 ? 0 : joinOf(frame).flow,
    ...(kind === ACK && frame.advertised >= 0 ? { advertises: advertOf(frame).version } : {}),
    ...(kind === ACK && frame.echoed >= 0 ? { echoes: echoedOf(frame).version } : {}),
  }
}

/** The reset token in the current packet, numbered like nonces, because a RST carries it in the place of one. */
function tokenIn(nonces: Nonces): Pick<Seen, 'token' | 'tells'> {
  const { bytes, token } = frame
  if (token < 0) return { token: 0, tells: 0 }
  return { token: nonces.number(read32(bytes, token), read32(bytes, token + 4)), tells: 1 }
}

/** SOURCE is believed of first packets, and of what a move takes, if it came through the host's rendezvous. */
function senderOf(
  { from, origin = from, direction }: Observed,
  kind: number,
  { believes }: Manner,
): Pick<Seen, 'from' | 'claimed' | 'relayedFrom'> {
  const claimed = 0
  if (direction === 'out' || origin === from) return { from, claimed }
  if (kind === SYN) return { from: origin, claimed: 1 }
  if (kind !== RSYN && kind !== RSYNACK) return { from, claimed }
  const isBelieved = believes(from)
  if (isBelieved === undefined) return { from, claimed, relayedFrom: origin }
  return { from: isBelieved ? origin : from, claimed }
}
