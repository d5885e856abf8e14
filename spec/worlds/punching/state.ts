/** The state of two translators and a relay beside two ends of a flow. */
import { startedAt, type View } from '../../../checker/lower/value.ts'
import type { FlowWorld } from '../flow/state.ts'

export const CLIENT = 1
export const SERVER = 2
/** Where the client reaches the server through the relay, and where the server reaches the client. */
export const TO_SERVER = 3
export const TO_CLIENT = 4
/** Where a translator shows an end to others than the relay, if its mapping depends on the destination. */
export const CLIENT_ELSEWHERE = 5
export const SERVER_ELSEWHERE = 6
/** An address of somebody else, who is not connected to the relay. */
export const STRANGER = 7
export const ADDRESSES = 7
/** In the place of the source of a RSYN for the relay: the sender asks the relay to show where it sees it. */
export const SHOWN = 7

/** How often an end begins a return to the relay, or any move again. */
export const MOST_RETURNS = 3

/** One end's translator, and its attempts. */
const endShape = (
  nonce: number,
  home: number,
  elsewhere: number,
  peer: number,
  peerElsewhere: number,
  attempts: number,
) => ({
  ...{ nonce, home, elsewhere, peer, peerElsewhere, most: attempts },
  /** Destinations that may answer: the peer's address, and where its translator shows it to this end. */
  openToPeer: startedAt(1, 0),
  openElsewhere: startedAt(1, 0),
  /** This end moves away from the relay. */
  punching: startedAt(1, 0),
  /** It moves because its peer does. */
  following: startedAt(1, 0),
  /** Its move away has failed, which the peer has to hear. */
  failed: startedAt(1, 0),
  attempts: startedAt(2, 0),
  returns: startedAt(2, 0),
})

interface Given {
  readonly attempts: number
  /** 0: no mapping depends on the destination; 1: the server's does; 2: both do. */
  readonly dependent: number
  readonly filters: number
  readonly strangers: number
  readonly forgets: number
}

export const shapeOf = ({ attempts, dependent, filters, strangers, forgets }: Given) => {
  const elsewhere = [dependent === 2 ? CLIENT_ELSEWHERE : 0, dependent > 0 ? SERVER_ELSEWHERE : 0] as const
  return {
    filters,
    strangers,
    mayPunch: dependent === 0 ? 1 : 0,
    mayForget: startedAt(1, forgets),
    relaying: {
      relay: startedAt(2, 0),
      client: startedAt(3, 0),
      server: startedAt(3, 0),
      serverFlow: startedAt(2, 0),
    },
    ends: [
      endShape(1, CLIENT, elsewhere[0], SERVER, elsewhere[1], attempts),
      endShape(2, SERVER, elsewhere[1], CLIENT, elsewhere[0], attempts),
    ],
  }
}

/** More notes of a step for the invariants; zero before each step. */
export const DID = ['carriedTo', 'carriesFrom', 'droppedFor'] as const

export type PunchingWorld = FlowWorld &
  View<ReturnType<typeof shapeOf>> & { did: Record<(typeof DID)[number], number> }
export type End = PunchingWorld['ends'][number]

export const isRelayed = (address: number): boolean => address === TO_SERVER || address === TO_CLIENT
