import type { WitnessSpec } from '../../../checker/lower/worldSpec.ts'
import { at } from '../../../checker/text/at.ts'
import { next, notBefore } from '../../machines/flow/serial.ts'
import { registrant, registrar } from '../../machines/registration/compiled.ts'
import { REGISTRANT, REGISTRAR } from '../../machines/registration/states.ts'
import { networkBounds, onOff, upTo } from '../bounds.ts'
import { type Actor, modelOf, type PacketFields } from '../model.ts'
import * as network from '../network.ts'
import * as stage from './effects.ts'
import { registrationInvariants } from './invariants.ts'
import { registrationRules, registrationScope } from './rules.ts'
import * as shape from './state.ts'
import { HOMES, MESSAGE, MESSAGES, ORDER, REGISTRATION_DID, registrationShape } from './state.ts'
import * as terms from './terms.ts'

/** Addresses of the controllers, after those of the host. */
const FIRST_CONTROLLER = HOMES.length + 1

const { reordering: _, ...faults } = networkBounds(2, 3)

const witnesses: readonly WitnessSpec<shape.RegistrationWorld>[] = [
  {
    name: 'registered at the second address',
    seen: w => w.host.registrant === REGISTRANT.REGISTERED && w.stored.address === 2,
  },
  {
    name: 'two controllers write at once',
    seen: w => w.live.length > 1 && w.live.every(c => c.writing === 1),
  },
  {
    name: 'a lease ends after the host crashed',
    seen: w => w.host.crashed === 1 && w.stored.registrar === REGISTRAR.EXPIRED,
  },
  {
    name: 'the registry forgets an unregistered service',
    seen: w =>
      w.host.registrant === REGISTRANT.UNREGISTERED &&
      w.did.forgot === 1 &&
      w.stored.registrar === REGISTRAR.ABSENT,
  },
]

const scope = {
  ...{ next, notBefore },
  ...network,
  ...shape,
  ...stage,
  ...registrationScope,
  ...{ REGISTRANT, REGISTRAR },
  ...terms,
}

/** A host that never registered, has unregistered, gave up or crashed may rest. */
const isFinal = (w: shape.RegistrationState): boolean => w.host.registrant === REGISTRANT.UNREGISTERED

const actors = ({ controllers }: shape.RegistrationBounds): readonly Actor[] => [
  { name: 'host', place: 'host', addresses: [...HOMES], acts: { cell: 'host', value: 1 } },
  ...Array.from({ length: controllers }, (_, i) => ({
    name: `controller ${i + 1}`,
    place: `live[${i}]`,
    addresses: [FIRST_CONTROLLER + i],
    acts: { cell: 'controller', value: i + 1 },
  })),
]

function describe(w: shape.RegistrationWorld, message: number): PacketFields {
  const kind = stage.kindOf(message)
  const version = stage.versionOf(message)
  const host = stage.addressOf(message) || w.host.at
  const isAnswer = kind === MESSAGE.CONFIRM
  return {
    kind: at(MESSAGES, kind),
    ...(isAnswer ? { from: FIRST_CONTROLLER, to: host } : { from: host, to: FIRST_CONTROLLER }),
    version,
  }
}

const bounds = {
  ...faults,
  binds: upTo('how often the host starts to listen', 2, 3, 3),
  moves: upTo("changes of the host's address", 1, 1, 2),
  children: upTo('flows that the host accepts', 1, 1, 1),
  crashes: onOff('the host may crash', 1),
  restarts: onOff('controllers may restart', 1),
  giveUp: onOff('unregistration may be given up', 1),
  controllers: { what: 'number of controllers', default: 2, deep: 2, min: 1, max: 3 },
  evictions: { what: "the operator's evictions", default: 0, deep: 0, min: 0, max: 2 },
  strangers: onOff('a host without the key of the name may claim it', 1),
}

const common = {
  bounds,
  invariants: registrationInvariants,
  world: (b: shape.RegistrationBounds) => ({
    shape: registrationShape(b),
    did: REGISTRATION_DID,
    machines: { registrant, registrar },
    effects: stage.registrationEffects,
    scope,
    rules: registrationRules(b),
  }),
  // A machine that waits has a timer, which retransmits lost messages.
  final: isFinal,
  actors,
  describe,
}

export const registration = modelOf({
  ...common,
  name: 'registration',
  shows:
    'A host registers a service, moves, listens again and crashes. Controllers that share a registry write at once, restart, and receive late and repeated messages. A host without the key of the name claims it. The newest registration of the right host holds, and a registration that the host does not renew expires.',
  leavesOut:
    'Time: a lease may end at any moment. What controllers send to hosts that query, and how a client chooses among instances.',
  // Where two controllers write at once, one of them waits for the host to repeat itself.
  prompt: {
    prompt: 1,
    capacity: 6,
    loss: 0,
    duplication: 0,
    crashes: 0,
    restarts: 0,
    giveUp: 0,
    controllers: 1,
    strangers: 0,
  },
  witnesses,
})

export const eviction = modelOf({
  ...common,
  name: 'eviction',
  shows:
    'An operator evicts an instance at either of two controllers, and admits it again, while its host registers, moves, unregisters and crashes, and the controllers restart. An evicted instance stays out.',
  leavesOut:
    'What `registration` leaves out; flows; a host that controllers cannot hear for so long that they forget its eviction.',
  bounds: {
    ...bounds,
    binds: { ...bounds.binds, default: 1 },
    children: { ...bounds.children, default: 0 },
    giveUp: { ...bounds.giveUp, default: 0 },
    evictions: { ...bounds.evictions, default: 1, deep: 2, min: 1 },
    strangers: { ...bounds.strangers, default: 0 },
  },
  witnesses: [
    {
      name: 'an evicted host registers a new address',
      seen: w => w.evicted === 1 && w.did.kind === MESSAGE.REGISTER && w.live.some(c => c.writing === 1),
    },
    {
      name: 'an admitted instance is bound again',
      seen: w => w.evictions === w.mayEvict && w.evicted === 0 && w.stored.registrar === REGISTRAR.BOUND,
    },
    {
      name: 'one controller evicts while the other writes a registration',
      seen: w =>
        w.live.some(c => c.ordered === ORDER.EVICT) && w.live.some(c => c.writing === 1 && c.ordered === 0),
    },
    {
      name: 'the host of an evicted instance unregisters it',
      seen: w => w.evictions > 0 && w.stored.registrar === REGISTRAR.GONE,
    },
  ],
})
