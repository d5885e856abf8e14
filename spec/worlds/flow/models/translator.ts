import { at } from '../../../../checker/text/at.ts'
import { FLOW_CHECKSUM } from '../../../machines/flow/capabilities.ts'
import { CONNECTION, MIGRATION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, SPACE, upTo } from '../../bounds.ts'
import { can, step } from '../../machines.ts'
import type { WorldRule } from '../../model.ts'
import { acts } from '../effects.ts'
import { translatedInvariants } from '../invariants/index.ts'
import { flowModel } from '../scene.ts'
import { networkOptions, slot } from '../slots.ts'
import { ACTED, type FlowWorld, ROLE } from '../state.ts'
import { agree } from '../terms.ts'

const { CONNECTED } = CONNECTION
const { INITIAL, RSYN_SENT } = MIGRATION

/** The client's private address, the two places where the translator may show it, and the server. */
const INSIDE = 1
const FIRST = 2
const SECOND = 3
const SERVER = 4

const rules: WorldRule<FlowWorld>[] = [
  {
    name: 'rebind',
    kind: 'fault',
    when: w => at(w.flow, 0).outside === FIRST && at(w.flow, 0).connection === CONNECTED,
    take: w => {
      at(w.flow, 0).outside = SECOND
    },
    label: () => 'the translator forgets the client, and shows it elsewhere',
  },
  {
    name: 'announce',
    kind: 'environment',
    helps: true,
    when: w => mayAnnounce(w) && can('flow', at(w.flow, 0), 'MOVE', { address: INSIDE }),
    take: w => {
      const flow = at(w.flow, 0)
      acts(w, flow, ACTED.MOVE)
      flow.reached = 0
      step('flow', flow, 'MOVE', { address: INSIDE })
      flow.moves = flow.moves + 1
    },
    label: () => 'the client announces itself from the same address',
  },
]

/** A client that hears nothing suspects its translator; also of what answers its last announcement. */
export const mayAnnounce = (w: FlowWorld): boolean =>
  at(w.flow, 0).moves < at(w.flow, 0).mayMove &&
  (at(w.flow, 0).migration === INITIAL || at(w.flow, 0).migration === RSYN_SENT)

export const translator = flowModel({
  name: 'translator',
  shows:
    'A client behind an address translator connects and sends data. The translator may show it at another address from then on, in the middle of anything. The client moves from its address to the same address, and the server answers at the new place.',
  leavesOut: 'How a client suspects its translator, translators of servers, and more than one new mapping.',
  bounds: {
    ...networkBounds(2, 3),
    announcements: upTo('times that the client announces itself', 2, 2, 3),
    serverMoves: upTo('moves of the server', 0, 1, 1),
    data: upTo('data packets of each end', 1, 1, 3),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 both', 0, 2, 2),
    giveUp: onOff('retransmission may be given up at any time', 0),
  },
  invariants: translatedInvariants,
  scene: b => ({
    slots: [
      slot({
        name: 'client',
        role: ROLE.CLIENT,
        host: 0,
        nonce: 1,
        home: INSIDE,
        target: SERVER,
        moves: b.announcements,
        data: b.data,
        closes: b.closes >= 1 ? 1 : 0,
        offers: FLOW_CHECKSUM,
        outside: FIRST,
      }),
      slot({
        name: 'server',
        role: ROLE.CHILD,
        host: 1,
        nonce: 2,
        iss: 9,
        home: SERVER,
        addresses: [SERVER, SERVER + 1],
        moves: b.serverMoves,
        data: b.data,
        closes: b.closes >= 2 ? 1 : 0,
        offers: FLOW_CHECKSUM,
      }),
    ],
    options: {
      widths: { flows: 2, nonces: 2, addresses: SERVER + 1, space: SPACE, capabilities: FLOW_CHECKSUM },
      ...networkOptions(b),
      giveUp: b.giveUp,
      backlog: 0,
    },
    rules,
    scope: { INSIDE, FIRST, SECOND, INITIAL, RSYN_SENT, mayAnnounce },
  }),
  witnesses: [
    {
      name: 'the translator shows the client elsewhere while the client announces itself',
      seen: w => at(w.flow, 0).outside === SECOND && at(w.flow, 0).migration === RSYN_SENT,
    },
    {
      name: 'the server has found the client again',
      seen: w => at(w.flow, 1).peer === SECOND && agree(at(w.flow, 0), at(w.flow, 1)),
    },
    {
      name: 'data arrives through the new mapping',
      seen: w => w.did.delivered === 1 && w.did.from === SECOND,
    },
  ],
})
