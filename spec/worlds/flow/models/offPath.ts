import { at } from '../../../../checker/text/at.ts'
import { CONNECTION } from '../../../machines/flow/states.ts'
import { networkBounds, onOff, upTo } from '../../bounds.ts'
import { FORGED, offPathRules } from '../attackers.ts'
import { flowModel } from '../scene.ts'
import { agree } from '../terms.ts'
import { twoEnds } from './twoParty.ts'

const { CONNECTED, CLOSED } = CONNECTION

/** An address that nobody in the model has. */
const STRANGER = { address: 5, flow: 3 }

export const offPath = flowModel({
  name: 'off-path',
  shows:
    'An attacker who guesses addresses, flowIDs and version numbers, but not nonces, injects control of any kind at any time, and nothing changes.',
  leavesOut:
    'Forged data, which only the unguessable flowIDs keep out, and a version number that is guessed before the handshake has a nonce.',
  bounds: {
    ...networkBounds(2, 3),
    clientMoves: upTo('moves of the client', 1, 1, 3),
    serverMoves: upTo('moves of the server', 1, 1, 3),
    data: upTo('data packets of each end', 0, 0, 3),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 both', 0, 1, 2),
    aborts: onOff('ends may abort', 0),
    giveUp: onOff('retransmission may be given up at any time', 0),
  },
  scene: b => {
    const scene = twoEnds(b)
    return {
      slots: scene.slots,
      options: {
        ...scene.options,
        widths: { flows: 3, nonces: FORGED, addresses: 5, space: 16 },
        stranger: STRANGER,
      },
      rules: offPathRules(scene.slots),
    }
  },
  witnesses: [
    {
      name: 'a forged packet reaches a flow that moves',
      seen: w => w.did.nonce === FORGED && w.flow.some(f => f.migration !== 0),
    },
    {
      name: 'both have moved and agree',
      seen: w =>
        at(w.flow, 0).local === 2 &&
        at(w.flow, 1).local === 4 &&
        agree(at(w.flow, 0), at(w.flow, 1)) &&
        w.flow.every(f => f.connection === CONNECTED),
    },
    { name: 'closed', seen: w => at(w.flow, 0).connection === CLOSED },
  ],
})
