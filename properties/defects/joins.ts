/** Defects of flows that join a connection. */

import type { Action } from '../../checker/lower/machine.ts'
import { connection } from '../../spec/machines/connection/compiled.ts'
import { flow } from '../../spec/machines/flow/compiled.ts'
import type { Received } from '../../spec/machines/flow/events.ts'
import { FIN, RSYN } from '../../spec/machines/flow/packets.ts'
import type { Registers } from '../../spec/machines/flow/registers.ts'
import { packets, transmitScope } from '../../spec/machines/flow/transmit.ts'
import { tokenIn } from '../../spec/worlds/flow/effects.ts'
import type { ModelPacket } from '../../spec/worlds/flow/packet.ts'
import type { Flow, FlowWorld } from '../../spec/worlds/flow/state.ts'
import type { Defect } from './defect.ts'
import { edit, editAll, never, replaceNamed, transmit, unasked } from './patch.ts'

const ATTACK = { model: 'join-attack', bounds: { capacity: 1, moves: 0, data: 1 } }
const JOINING = { model: 'joining', bounds: { capacity: 1, moves: 1, data: 0 } }

/** Takes a proof that was made for any flow. */
const heardOfAny = (w: FlowWorld, _f: Flow, p: ModelPacket): Received => ({
  ...p,
  token: tokenIn(w, p),
  proves: p.joins !== 0 ? 1 : 0,
})

const { control, consumed, finIsOwed } = transmitScope

interface Args {
  readonly context: Registers
}

const bareFin = transmit(({ context }: Args) => ({
  ...control(context, FIN, consumed(context), context.local, context.peer),
  joins: 0,
}))

const bareRsyn = transmit(({ context }: Args) => ({
  ...control(context, RSYN, consumed(context), context.nextLocal, context.peer),
  fin: finIsOwed(context) ? 1 : 0,
  joins: 0,
}))

const bare = (a: Action): Action => {
  if (a.params === packets.fin.params) return bareFin
  return a.params === packets.rsyn.params ? bareRsyn : a
}

export const joinDefects: readonly Defect[] = [
  {
    id: 'S33',
    sentence: 'A flow that joins is confirmed by packets that prove no keys.',
    shownBy: [ATTACK],
    replacement: { machines: { flow: editAll(flow, unasked('proves')) } },
  },
  {
    id: 'S33b',
    sentence: 'Data confirms a flow that joins.',
    shownBy: [ATTACK],
    replacement: {
      machines: {
        flow: edit(flow, ['connection.RESPOND DATA'], t => ({
          ...t,
          guard: t.guard && replaceNamed(t.guard, 'joins', never),
        })),
      },
    },
  },
  {
    id: 'S33c',
    sentence: "The proof of a join does not cover both nonces, so that another flow's proof counts.",
    shownBy: [ATTACK],
    replacement: { scope: { heard: heardOfAny } },
  },
  {
    id: 'S33d',
    sentence: 'A connection admits a SYN that proves nothing.',
    shownBy: [ATTACK],
    replacement: {
      machines: { connection: edit(connection, ['flows.OPEN JOIN #3'], unasked('proves')) },
    },
  },
  {
    id: 'S33g',
    sentence: 'Copies of the SYN of a flow begin handshakes although it has opened.',
    shownBy: [{ model: 'join-attack', bounds: { capacity: 2, moves: 0, data: 0 } }],
    replacement: {
      machines: {
        connection: edit(
          connection,
          ['flows.OPEN JOIN #2', 'flows.OPEN JOIN #3', 'flows.OPEN JOIN #4'],
          unasked('isNews'),
        ),
      },
    },
  },
  {
    id: 'S33e',
    sentence:
      'Only the ACK of the handshake proves the keys, and a joiner that moves or closes does not repeat it.',
    shownBy: [JOINING],
    replacement: { machines: { flow: editAll(flow, t => ({ ...t, actions: t.actions.map(bare) })) } },
  },
]
