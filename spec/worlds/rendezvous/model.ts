import type { WitnessSpec } from '../../../checker/lower/worldSpec.ts'
import { at } from '../../../checker/text/at.ts'
import { RSYNACK } from '../../machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../machines/flow/states.ts'
import * as reasons from '../../machines/rendezvous/reasons.ts'
import { networkBounds, onOff, SPACE, upTo } from '../bounds.ts'
import { twoEnds } from '../flow/models/twoParty.ts'
import { flowModel } from '../flow/scene.ts'
import { agree } from '../flow/terms.ts'
import { askElsewhere, beside } from './effects.ts'
import { joinedInvariants } from './invariants.ts'
import * as rules from './rules.ts'
import * as world from './state.ts'

const { NO_QUESTION, RELAYED, UNBOUND, STALE, NOT_THE_HOLDER } = reasons
const { RSYN_SENT } = MIGRATION
const { NOWHERE } = world

const witnesses: readonly WitnessSpec<world.RendezvousWorld>[] = [
  {
    name: 'both ends lose each other',
    seen: w => w.owner[1] === NOWHERE && w.flow.every(f => f.migration === RSYN_SENT),
  },
  {
    name: 'the ends find each other after both old addresses died',
    seen: (w, was) =>
      was.owner[1] === NOWHERE &&
      w.flow.every(f => f.connection === CONNECTION.CONNECTED && f.moves === 1) &&
      agree(at(w.flow, 0), at(w.flow, 1)),
  },
  { name: 'the rendezvous relays a RSYN-ACK', seen: w => w.did.relayedTo === 4 && w.did.relays === RSYNACK },
  {
    name: 'the rendezvous drops a packet that is neither RSYN nor RSYN-ACK',
    seen: w => w.did.reason === NO_QUESTION,
  },
  { name: 'the rendezvous drops a packet that it relayed before', seen: w => w.did.reason === RELAYED },
  {
    name: 'the rendezvous drops a packet for an address without a binding',
    seen: w => w.did.reason === UNBOUND,
  },
  { name: 'the rendezvous refuses a stale announcement', seen: w => w.did.refusedFor === STALE },
  {
    name: 'the rendezvous refuses an announcement of another host than the holder',
    seen: w => w.did.refusedFor === NOT_THE_HOLDER,
  },
]

export const rendezvous = flowModel({
  name: 'rendezvous',
  shows:
    'Both ends of a flow move at once, their old addresses are dead, and they find each other through a rendezvous. Announcements arrive late, leases lapse, and a stranger points bindings at the rendezvous itself.',
  leavesOut: 'More than one move of each end, and more than one rendezvous.',
  bounds: {
    ...networkBounds(2, 2),
    duplication: onOff('packets may be duplicated', 0, 1),
    data: upTo('data packets of each end', 0, 0, 2),
    closes: upTo('who may close: 0 nobody, 1 the client, 2 both', 0, 1, 2),
    stranger: onOff('a stranger announces an address that an end had', 1),
  },
  invariants: joinedInvariants,
  scene: b => {
    const scene = twoEnds({ ...b, clientMoves: 1, serverMoves: 1, aborts: 0, giveUp: 0 })
    return {
      slots: scene.slots,
      options: {
        ...scene.options,
        widths: { flows: 2, nonces: 2, addresses: world.ADDRESSES, space: SPACE },
        reassignable: [1, 3],
      },
      rules: rules.rendezvousRules(b.capacity),
      scope: { ...reasons, ...world, ...rules, askElsewhere, isBound: rules.notForRendezvous },
      beside: beside(b.stranger),
    }
  },
  witnesses,
})
