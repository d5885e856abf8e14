/** The flow machine with the names that its sources use, ready to be lowered into a world or into the stack's step. */
import { lower } from '../../../checker/lower/step.ts'
import { flowMachine } from './machine.ts'
import * as packets from './packets.ts'
import * as registers from './registers.ts'
import { next, notBefore, previous } from './serial.ts'
import { transmitScope } from './transmit.ts'

const { SYN, SYNACK, ACK, RSYN, RSYNACK, FIN, RST, DATA } = packets
const { OWES_CONTROL, OWES_MOVE, OWES_PROOF, OWES_HANDSHAKE, CREDIT_AFTER_ANSWER } = registers

export const flowScope = {
  ...{ next, previous, notBefore },
  ...transmitScope,
  ...{ SYN, SYNACK, ACK, RSYN, RSYNACK, FIN, RST, DATA },
  ...{ OWES_CONTROL, OWES_MOVE, OWES_PROOF, OWES_HANDSHAKE, CREDIT_AFTER_ANSWER },
}

export const flow = lower(flowMachine, flowScope)
