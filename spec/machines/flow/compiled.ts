/** The flow machine, lowered: worlds inline it, and hosts run its step. The names are those that its sources use. */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { lower } from '../../../checker/lower/step.ts'
import type { EffectOf, StateOf } from '../../../checker/lower/typed.ts'
import {
  challenges,
  common,
  FLOW_CHECKSUM,
  MAKE_BEFORE_BREAK,
  overlaps,
  PATH_CHALLENGE,
  RESET_TOKEN,
} from './capabilities.ts'
import type { flowEffects } from './effects.ts'
import { EVENT_FIELDS, opaqueFields } from './events.ts'
import { flowMachine } from './machine.ts'
import * as packets from './packets.ts'
import * as registers from './registers.ts'
import { next, notBefore, previous } from './serial.ts'
import { transmitScope } from './transmit.ts'

const { SYN, SYNACK, ACK, RSYN, RSYNACK, FIN, RST, DATA } = packets
const { OWES_CONTROL, OWES_MOVE, OWES_PROOF, OWES_HANDSHAKE, CREDIT_AFTER_ANSWER } = registers

export const flowScope = {
  ...{ next, previous, notBefore, challenges, common, overlaps },
  ...{ FLOW_CHECKSUM, RESET_TOKEN, PATH_CHALLENGE, MAKE_BEFORE_BREAK },
  ...transmitScope,
  ...{ SYN, SYNACK, ACK, RSYN, RSYNACK, FIN, RST, DATA },
  ...{ OWES_CONTROL, OWES_MOVE, OWES_PROOF, OWES_HANDSHAKE, CREDIT_AFTER_ANSWER },
}

export const flow = lower(flowMachine, flowScope)

/** The fields of a flow's events: which are identifiers, and which have 32 bits. */
export const flowInterface: Interface = {
  fields: EVENT_FIELDS,
  opaque: [...registers.opaqueRegisters, ...opaqueFields],
  wide: ['space', 'sndNxt', 'rcvNxt', 'verno', 'ackno', 'peerVerno'],
}

export type FlowState = StateOf<typeof flowMachine>
export type FlowEffect = EffectOf<typeof flowEffects>
