import { at } from '../../../checker/text/at.ts'
import * as reasons from '../../machines/connection/reasons.ts'
import { NO_ROOM, NOT_OPEN } from '../../machines/connection/reasons.ts'
import { DATA } from '../../machines/flow/packets.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { type NetworkBound, networkBounds, onOff, SPACE, upTo } from '../bounds.ts'
import { replayRules } from '../flow/attackers.ts'
import { flowModel, type Scene } from '../flow/scene.ts'
import { networkOptions, slot } from '../flow/slots.ts'
import { ROLE } from '../flow/state.ts'
import { agree } from '../flow/terms.ts'
import type { Values } from '../model.ts'
import { promptBounds } from '../prompt.ts'
import * as effects from './effects.ts'
import { beside } from './effects.ts'
import { attackedJoinInvariants, joiningInvariants } from './invariants.ts'
import * as rules from './rules.ts'
import * as world from './state.ts'

const { CONNECTED, RESPOND, CLOSED } = CONNECTION

type JoinBound = NetworkBound | 'moves' | 'data' | 'closes' | 'ends' | 'giveUp'
type JoiningWorld = world.JoiningWorld
const { FIRST_FLOW, JOINER } = world

const bounds = (moves: number, closes: number, ends: number) => ({
  ...networkBounds(2, 2),
  duplication: onOff('packets may be duplicated', 0, 1),
  moves: upTo('moves of the joining flow', moves, 1, 2),
  data: upTo('who sends a data packet: 0 nobody, 1 the joiner, 2 both', 1, 2, 2),
  closes: upTo('who may close: 0 nobody, 1 the joiner, 2 both', closes, 2, 2),
  ends: onOff('both ends may close the connection', ends, 1),
  giveUp: onOff('retransmission may be given up at any time', 0),
})

/** A flow that joins a connection, and two places for flows at the accepter. */
const sceneOf = (b: Values<JoinBound>, attacks: 0 | 1): Scene<JoiningWorld> => {
  const accepter = {
    ...{ role: ROLE.CHILD, host: 1, home: 3, keys: 1, data: b.data >= 2 ? 1 : 0 },
    closes: b.closes >= 2 ? 1 : 0,
  }
  return {
    slots: [
      slot({
        ...{
          name: 'joiner',
          role: ROLE.CLIENT,
          host: 0,
          nonce: JOINER,
          home: 1,
          addresses: [1, 2],
          target: 3,
        },
        ...{ keys: 1, moves: b.moves, data: b.data >= 1 ? 1 : 0, closes: b.closes >= 1 ? 1 : 0 },
      }),
      slot({ ...accepter, name: 'accepter', nonce: 2, iss: 9 }),
      slot({ ...accepter, name: 'second accepter', nonce: 3, iss: 5 }),
    ],
    options: {
      widths: { flows: 3, nonces: 4, addresses: 4, space: SPACE, joins: 1 },
      ...networkOptions(b),
      giveUp: b.giveUp,
      backlog: 0,
    },
    rules: [
      ...rules.ending,
      ...(attacks === 1 ? [...rules.attacks(b.capacity), ...replayRules(b.capacity)] : []),
    ],
    scope: { ...world, ...rules, ...effects, ...reasons, receiveSyn: effects.receiveJoin },
    beside: beside(b.ends),
  }
}

const hasJoined = {
  name: 'a flow has joined',
  seen: (w: JoiningWorld) =>
    w.flow.some(f => f.role === ROLE.CHILD && f.connection === CONNECTED) && w.end.live !== FIRST_FLOW,
}

export const joining = flowModel<JoinBound, JoiningWorld>({
  name: 'joining',
  shows:
    'A flow joins a connection whose keys both ends have, moves while its handshake is in progress, sends data and closes. Both ends may close the connection meanwhile.',
  leavesOut:
    "The connection's other flows and the joiner's end of the connection (flows shows those), and attackers (join-attack shows those).",
  bounds: bounds(1, 1, 1),
  prompt: promptBounds,
  invariants: joiningInvariants,
  scene: b => sceneOf(b, 0),
  witnesses: [
    hasJoined,
    {
      name: 'it has moved',
      seen: w => at(w.flow, 0).local === 2 && w.flow.some(f => agree(at(w.flow, 0), f) && f.peer === 2),
    },
    { name: 'a join finds no room', seen: w => w.did.rejected === NO_ROOM },
    { name: 'a join comes too late', seen: w => w.did.rejected === NOT_OPEN },
    {
      name: 'data proves nothing',
      seen: w => w.did.kind === DATA && w.flow.some(f => f.nonce === w.did.flow && f.connection === RESPOND),
    },
    { name: 'closed', seen: w => at(w.flow, 0).connection === CLOSED },
  ],
})

export const joinAttack = flowModel<JoinBound, JoiningWorld>({
  name: 'join-attack',
  shows:
    'A flow joins a connection while an attacker who has seen the handshake, but no key, replays its packets, also from an address of its own, and makes up all others.',
  leavesOut:
    'Attacks on flows that are open. An attacker on the path may also relay the packets of both ends, and is then the path.',
  bounds: bounds(0, 0, 0),
  invariants: attackedJoinInvariants,
  scene: b => sceneOf(b, 1),
  witnesses: [
    hasJoined,
    { name: 'a replayed SYN waits for a proof', seen: w => at(w.flow, 2).connection === RESPOND },
    {
      name: 'a made up packet reaches a flow that opens',
      seen: w => w.did.flow !== 0 && w.did.joins === 0 && w.flow.some(f => f.connection === RESPOND),
    },
  ],
})
