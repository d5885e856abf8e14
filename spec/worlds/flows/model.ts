import type { WitnessSpec } from '../../../checker/lower/worldSpec.ts'
import { at } from '../../../checker/text/at.ts'
import * as reasons from '../../machines/connection/reasons.ts'
import { ENDS } from '../../machines/connection/states.ts'
import { networkBounds, onOff, upTo } from '../bounds.ts'
import { type Actor, modelOf } from '../model.ts'
import * as network from '../network.ts'
import * as effects from './effects.ts'
import { flowsInvariants } from './invariants.ts'
import * as rules from './rules.ts'
import * as world from './state.ts'
import * as terms from './terms.ts'

const { SEEN, SENT, SENT_NAMES } = world
const { isOver, connected } = terms
const { LAST_FLOW, NOT_OPEN } = reasons

const actors: readonly Actor[] = ['opener', 'accepter'].map((name, i) => ({
  name,
  addresses: [i],
  place: `end[${i}]`,
  acts: { cell: 'end', value: i + 1 },
}))

const witnesses: readonly WitnessSpec<world.FlowsWorld>[] = [
  { name: 'two flows carry data', seen: w => w.end.every(e => connected(e) === 3) },
  { name: 'a flow is removed', seen: w => w.end.every(e => e.live === 2) },
  { name: 'data arrives on a flow that joined', seen: w => w.delivered === 1 && w.carrier === 2 },
  {
    name: 'data arrives although its path has died',
    seen: w => w.delivered === 1 && w.dead !== 0 && w.dead !== 1 << (w.carrier - 1) && w.carrier > 0,
  },
  { name: 'the last flow stays', seen: w => w.did.rejected === LAST_FLOW },
  { name: 'a join comes too late', seen: w => w.did.rejected === NOT_OPEN },
  {
    name: 'an end hears of a backup, and that it is none any more',
    seen: w => at(w.end, 1).spared === 0 && at(w.end, 1).peerVersion > 1,
  },
  { name: 'a flow comes up although an end has closed', seen: w => w.did.used !== 0 && w.closed !== 0 },
  { name: 'an advertisement is echoed', seen: w => w.did.kind === SENT.ECHO && w.did.proves === 1 },
  { name: 'closed', seen: w => w.end.every(e => isOver(e) && at(e.sees, 0) === SEEN.GONE) },
  { name: 'reset', seen: w => w.end.every(e => isOver(e) && at(e.sees, 0) === SEEN.DEAD) },
]

export const flows = modelOf({
  name: 'flows',
  shows:
    'Two ends of a connection add, use, mark and remove flows, advertise addresses, close and abort, while packets get lost and a path dies. An attacker without the keys forges joins, advertisements and echoes.',
  leavesOut:
    'The machines of the flows: a flow is up, joins or ends, and of a move only its success shows (joining has one whole flow that joins and moves). Also transports: one datum stands for all data, and its sender knows when it has arrived.',
  bounds: {
    ...networkBounds(1, 2),
    duplication: onOff('packets may be duplicated', 0, 1),
    adds: upTo('who may add a flow: 0 nobody, 1 the opener, 2 both', 1, 2, 2),
    removes: upTo('each end may remove a flow: 0 no, 1 by a reset, 2 also by a FIN', 1, 2, 2),
    keeps: upTo('who may keep a flow that it has removed: 0 nobody, 1 the opener, 2 both', 1, 2, 2),
    marks: upTo('who may make flows backups: 0 nobody, 1 the opener, 2 both', 1, 2, 2),
    changes: upTo('whose addresses may change: 0 nobody, 1 those of the opener, 2 of both', 1, 1, 2),
    closes: upTo('who may close: 0 nobody, 1 the opener, 2 both', 2, 2, 2),
    aborts: onOff('an end may abort', 1),
    deaths: onOff('a path may die', 1),
    moves: onOff('a flow whose path has died may move to another one', 0, 1),
    data: onOff('the opener sends data', 1),
    forges: onOff('an attacker without keys forges packets', 1),
  },
  world: (b: world.FlowsBounds) => ({
    shape: world.shapeOf(b),
    did: world.DID,
    machines: effects.machines,
    effects: effects.effects,
    scope: { ...network, ...world, ...terms, ...effects, ...rules, ...reasons, ENDS },
    rules: rules.flowsRules(b.capacity),
  }),
  invariants: flowsInvariants,
  witnesses,
  final: () => true,
  actors: () => actors,
  describe: (_w, packet) => {
    // An advertisement names the flows that its sender shows.
    const { kind, to, named: _named, ...more } = world.unpack(packet)
    return { kind: at(SENT_NAMES, kind), from: 1 - to, to, ...more }
  },
})
