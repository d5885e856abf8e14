/** What an end advertises of its connection, and how it reads the peer's advertisement. */
import type { Frame } from '../../../spec/wire/frame.ts'
import {
  type Advert,
  type AdvertLine,
  advertOf,
  LINE,
  WISH_BACKUP,
  WISH_LEAVE,
} from '../../../spec/wire/negotiation.ts'
import { fromIPv4, ipOf, isIPv4, portOf } from '../../link/address.ts'
import type { Address } from '../../link/link.ts'
import type { Flow } from '../flows/flow.ts'
import { reaches } from '../paths/mobility.ts'
import { mayBeHost } from '../paths/origin.ts'
import type { Connection } from './connection.ts'
import { sameMac } from './keys.ts'

/** Of 16 lines half are for flows. */
const MOST_ADDRESSES = 8

/** Returns this end's newest advertisement, for a packet of `flow`. Only IPv4 addresses fit in a line. */
export function advertisement(connection: Connection, flow: Flow, addresses: readonly Address[]): Advert {
  const { version, unwanted, backups } = connection.state
  const places = addresses.filter(isIPv4).slice(0, MOST_ADDRESSES)
  const lines: AdvertLine[] = places.map(address => ({
    kind: LINE.ADDRESS,
    wishes: 0,
    port: portOf(address),
    word: ipOf(address),
  }))
  for (const member of connection.members(-1)) {
    const bit = connection.bitOf(member.flow)
    const wishes = ((backups & bit) !== 0 ? WISH_BACKUP : 0) | ((unwanted & bit) !== 0 ? WISH_LEAVE : 0)
    // An end takes what the SYN of a flow has said until an advertisement names the flow.
    lines.push({ kind: LINE.FLOW, wishes, port: 0, word: member.flow.id })
  }
  return { version, lines, mac: connection.keys.advert(flow.id, version, lines) }
}

/** What the peer advertises. */
export interface Heard {
  readonly version: number
  readonly proves: boolean
  readonly addresses: ReadonlySet<Address>
  /** The set of flows that the peer wants as backups. */
  readonly backups: number
  /** The set of flows that the peer has in the connection. */
  readonly named: number
  /** The set of flows that the peer wants to end, or that lead to an address that it no longer has. */
  readonly wishes: number
}

/**
 * Reads the advertisement in a packet that came to `local`. Skips addresses that cannot be the peer's: a host that joins there would
 * send to many hosts, or to the programs of its own machine.
 */
export function hearAdvert(connection: Connection, frame: Frame, local: Address): Heard {
  const { version, lines, mac } = advertOf(frame)
  const addresses = new Set<Address>()
  let backups = 0
  let named = 0
  let wishes = 0
  for (const { kind, wishes: asked, port, word } of lines) {
    const place = fromIPv4(word, port)
    if (kind === LINE.ADDRESS && mayBeHost(word) && reaches(place, local)) addresses.add(place)
    if (kind !== LINE.FLOW) continue
    const flow = connection.flows.find(({ state }) => state.peerFlow === word)
    if (flow === undefined) continue
    named |= connection.bitOf(flow)
    if ((asked & WISH_BACKUP) !== 0) backups |= connection.bitOf(flow)
    if ((asked & WISH_LEAVE) !== 0) wishes |= connection.bitOf(flow)
  }
  const gone = new Set(connection.peerAddresses)
  for (const address of addresses) gone.delete(address)
  for (const flow of connection.flows) if (gone.has(flow.peer)) wishes |= connection.bitOf(flow)
  const proves = sameMac(mac, connection.peerKeys.advert(frame.srcFlow, version, lines))
  return { version, proves, addresses, backups, named, wishes }
}
