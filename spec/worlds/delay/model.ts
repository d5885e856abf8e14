import type { WitnessSpec } from '../../../checker/lower/worldSpec.ts'
import { at } from '../../../checker/text/at.ts'
import { delayQueue, forwarder } from '../../machines/resolution/compiled.ts'
import * as reasons from '../../machines/resolution/reasons.ts'
import { yieldsTo } from '../../machines/resolution/yields.ts'
import { onOff, upTo } from '../bounds.ts'
import { modelOf } from '../model.ts'
import { delayInvariants } from './invariants.ts'
import { rulesOf } from './rules.ts'
import * as world from './state.ts'

const { PLACE, waiting, shapeOf, DID, effects } = world
const { FULL, NO_ANSWER, REPEATED, WAITED } = reasons
type DelayWorld = world.DelayWorld
type DelayBounds = world.DelayBounds

const witnesses: readonly WitnessSpec<DelayWorld>[] = [
  {
    name: 'a service has no room for another packet',
    seen: w => w.did.reason === FULL && waiting(w, 0, 0) < w.room,
  },
  {
    name: 'the hop has no room for another packet',
    seen: w => w.did.reason === FULL && waiting(w, 0, 0) === w.room,
  },
  { name: 'a waiting packet arrives again', seen: w => w.did.reason === REPEATED },
  { name: 'a released packet would wait again', seen: w => w.did.reason === WAITED },
  {
    name: 'packets of one service are released together',
    seen: (w, was) =>
      was.packet.every(
        (p, i) => p.service === 1 || (p.at === PLACE.WAITS && at(w.packet, i).at === PLACE.FREED),
      ),
  },
  {
    name: 'a packet makes room for another',
    seen: w => w.did.victim !== 0 && w.packet.some(p => p.id === w.did.packet && p.at === PLACE.WAITS),
  },
  { name: 'the hop gives up its query', seen: w => w.did.reason === NO_ANSWER },
  {
    name: 'the controller crashes while packets wait',
    seen: w => w.controller === 0 && waiting(w, 0, 0) > 0,
  },
]

export const delay = modelOf({
  name: 'delay',
  shows:
    'First packets for two services wait at a hop while it queries a controller that may not answer, may not know the service, may change its answer, or may be gone. Each packet gets one verdict.',
  leavesOut: 'Where a released packet goes, and hops before and after.',
  bounds: {
    first: { what: 'packets for the first service', default: 2, deep: 3, min: 1, max: 4 },
    second: { what: 'packets for the second service', default: 2, deep: 2, min: 0, max: 4 },
    cap: {
      what: 'limit of waiting packets for the first service; the second may have one more',
      default: 1,
      deep: 1,
      min: 1,
      max: 3,
    },
    room: { what: 'limit of waiting packets for all services', default: 2, deep: 2, min: 1, max: 6 },
    loss: onOff('queries and answers may be lost', 1),
    crashes: upTo('how often the controller may fail', 1, 2, 3),
    giveUp: onOff('a query may be given up at any time', 1),
  },
  prompt: { prompt: 1, loss: 0, crashes: 0, giveUp: 0 },
  invariants: delayInvariants,
  world: (bounds: DelayBounds) => ({
    shape: shapeOf(bounds),
    did: DID,
    machines: { forwarder, delayQueue },
    effects,
    scope: { ...reasons, ...world, yieldsTo },
    rules: rulesOf(bounds),
  }),
  witnesses,
  final: w => waiting(w, 0, 0) === 0,
  actors: () =>
    ['first queue', 'second queue'].map((name, index) => ({
      name,
      place: `delayQueue[${index}]`,
      addresses: [],
      acts: { cell: 'service', value: index + 1 },
    })),
  describe: () => ({ kind: '', from: 0, to: 0 }),
})
