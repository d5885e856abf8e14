import { at } from '../../../checker/text/at.ts'
import { PATH_CHALLENGE } from '../../machines/flow/capabilities.ts'
import { MIGRATION } from '../../machines/flow/states.ts'
import { OTHER_END } from '../../machines/relay/reasons.ts'
import { networkBounds, onOff, SPACE, upTo } from '../bounds.ts'
import { flowModel } from '../flow/scene.ts'
import { networkOptions, slot } from '../flow/slots.ts'
import { ROLE } from '../flow/state.ts'
import { promptBounds } from '../prompt.ts'
import * as effects from './effects.ts'
import { isTogether, punchingInvariants } from './invariants.ts'
import * as rules from './rules.ts'
import * as world from './state.ts'

const { isRelayed, CLIENT, SERVER, TO_SERVER, CLIENT_ELSEWHERE, SERVER_ELSEWHERE } = world

export const punching = flowModel({
  name: 'punching',
  shows:
    'Two ends behind translators connect through a relay, and leave it together for a direct path. Translators filter, and their mappings may depend on the destination: then the ends stay on the relay. A stranger who has seen the flowIDs sends to the relay.',
  leavesOut:
    'How the ends prove their addresses to the relay, mappings that change, data during a move, and several attempts at once.',
  bounds: {
    ...networkBounds(2, 2),
    // A network without room would lose the copy of each packet that also goes to the relay.
    capacity: { ...networkBounds(2, 2).capacity, min: 2 },
    loss: onOff('packets may be lost', 0, 1),
    duplication: onOff('packets may be duplicated', 0, 1),
    reordering: onOff('packets may be reordered', 0, 1),
    attempts: upTo('times that the ends try to leave the relay', 1, 1, 3),
    dependent: upTo("whose mapping depends on the destination: 0 nobody's, 1 the server's, 2 both", 0, 1, 2),
    filters: onOff('translators let only those in to whom the end has sent', 1),
    forgets: onOff('the translators may forget the direct path once', 0, 1),
    strangers: onOff('a stranger sends to the relay', 1),
    data: upTo('data packets of each end', 0, 0, 2),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 both', 0, 0, 2),
    giveUp: onOff('retransmission may be given up at any time', 0),
  },
  prompt: { ...promptBounds, strangers: 0 },
  invariants: punchingInvariants,
  scene: b => ({
    slots: [
      slot({
        name: 'client',
        role: ROLE.CLIENT,
        host: 0,
        nonce: 1,
        home: CLIENT,
        target: TO_SERVER,
        data: b.data,
        closes: b.closes >= 1 ? 1 : 0,
        offers: PATH_CHALLENGE,
        outside: b.dependent === 2 ? CLIENT_ELSEWHERE : 0,
      }),
      slot({
        name: 'server',
        role: ROLE.CHILD,
        host: 1,
        nonce: 2,
        iss: 9,
        home: SERVER,
        data: b.data,
        closes: b.closes >= 2 ? 1 : 0,
        offers: PATH_CHALLENGE,
        outside: b.dependent >= 1 ? SERVER_ELSEWHERE : 0,
      }),
    ],
    options: {
      widths: { flows: 2, nonces: 2, addresses: world.ADDRESSES, space: SPACE, capabilities: PATH_CHALLENGE },
      ...networkOptions(b),
      giveUp: b.giveUp,
      backlog: 0,
    },
    rules: rules.punchingRules(b.capacity),
    scope: { ...world, ...rules, ...effects, isTogether, OTHER_END, isBound: rules.isLetIn },
    beside: effects.beside(b),
  }),
  witnesses: [
    {
      name: 'both ends are on the direct path, or stay on the relay if a mapping depends on the destination',
      seen: w =>
        at(w.ends, 0).attempts > 0 &&
        isTogether(w) &&
        w.flow.every(f => f.peer !== 0 && isRelayed(f.peer) !== (w.mayPunch === 1)),
    },
    { name: 'a translator opens for an end', seen: w => w.ends.some(e => e.openToPeer === 1) },
    {
      name: 'the server follows while the client moves',
      seen: w => w.flow.every(f => f.migration === MIGRATION.RSYN_SENT_RECV),
    },
    {
      name: 'the relay drops a packet of a stranger',
      seen: w => w.strangers === 0 || w.did.droppedFor === OTHER_END,
    },
  ],
})
