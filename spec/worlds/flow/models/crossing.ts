import { at } from '../../../../checker/text/at.ts'
import { CONNECTION, MIGRATION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, upTo } from '../../bounds.ts'
import { promptBounds } from '../../prompt.ts'
import { flowModel } from '../scene.ts'
import { agree } from '../terms.ts'
import { twoEnds } from './twoParty.ts'

const { CONNECTED } = CONNECTION
const { RSYN_SENT_RECV } = MIGRATION

export const crossing = flowModel({
  name: 'crossing',
  shows:
    'Both ends of one flow move at the same time, once or more, and find each other again at their new addresses.',
  leavesOut: 'Closing, and old addresses that both ends lose at once, which needs a rendezvous.',
  bounds: {
    ...networkBounds(2, 3),
    clientMoves: upTo('moves of the client', 2, 2, 3),
    serverMoves: upTo('moves of the server', 1, 2, 3),
    data: upTo('data packets of each end', 0, 0, 3),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 both', 0, 0, 2),
    aborts: onOff('ends may abort', 0),
    giveUp: onOff('retransmission may be given up at any time', 1),
  },
  prompt: { ...promptBounds, giveUp: 0 },
  scene: twoEnds,
  witnesses: [
    { name: 'both validate and move', seen: w => w.flow.every(f => f.migration === RSYN_SENT_RECV) },
    {
      name: 'both have moved and agree',
      seen: w =>
        at(w.flow, 0).local === 2 &&
        at(w.flow, 1).local === 4 &&
        agree(at(w.flow, 0), at(w.flow, 1)) &&
        w.flow.every(f => f.connection === CONNECTED),
    },
  ],
})
