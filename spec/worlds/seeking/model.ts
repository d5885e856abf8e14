import { at } from '../../../checker/text/at.ts'
import { refusesSyn } from '../../machines/flow/identity.ts'
import { CONNECTION } from '../../machines/flow/states.ts'
import { networkBounds, onOff, SPACE } from '../bounds.ts'
import { flowModel } from '../flow/scene.ts'
import { networkOptions, slot } from '../flow/slots.ts'
import { ROLE } from '../flow/state.ts'
import { beside } from './effects.ts'
import { soughtInvariants } from './invariants.ts'
import * as rules from './rules.ts'
import * as world from './state.ts'

const { REQUEST, RESPOND, CONNECTED, CLOSED } = CONNECTION
const { FIRST } = world
type SeekingWorld = world.SeekingWorld

export const seeking = flowModel<
  'capacity' | 'loss' | 'duplication' | 'reordering' | 'closes' | 'giveUp',
  SeekingWorld
>({
  name: 'seeking',
  shows:
    "A client's host knows two instances of a service, of which each may be dead, and may refuse at any time. The host turns from one that is silent or refuses to the other. Both may still answer: the first answer gets the flow, and the other instance is reset.",
  leavesOut: 'Routers that choose instances, moves and data.',
  bounds: {
    ...networkBounds(2, 3),
    closes: {
      what: 'who may close: 1 the client, 2 the client and the instances',
      default: 1,
      deep: 2,
      min: 1,
      max: 2,
    },
    giveUp: onOff('retransmission may be given up at any time', 0, 1),
  },
  invariants: soughtInvariants,
  scene: b => {
    const instance = { role: ROLE.CHILD, iss: 9, closes: b.closes >= 2 ? 1 : 0 }
    return {
      slots: [
        slot({
          name: 'client',
          role: ROLE.CLIENT,
          host: 0,
          nonce: 1,
          home: world.CLIENT,
          target: world.SERVICE,
          closes: b.closes >= 1 ? 1 : 0,
        }),
        slot({ ...instance, name: 'first instance', host: 1, nonce: 2, home: world.FIRST }),
        slot({ ...instance, name: 'second instance', host: 2, nonce: 3, home: world.FIRST + 1 }),
      ],
      options: {
        widths: { flows: 3, nonces: 3, addresses: world.ADDRESSES, space: SPACE },
        ...networkOptions(b),
        giveUp: b.giveUp,
        backlog: 0,
        service: world.SERVICE,
      },
      rules: rules.seekingRules(b.capacity),
      scope: { ...world, ...rules, refusesSyn, isBound: rules.notForSeeker },
      beside: beside(),
    }
  },
  witnesses: [
    {
      name: 'the second instance answers after the first has refused',
      seen: w => at(w.refused, 0) === 1 && at(w.flow, 0).connection === CONNECTED,
    },
    {
      name: 'the second instance answers in place of a dead one',
      seen: w => at(w.dead, 0) === 1 && at(w.flow, 0).connection === CONNECTED,
    },
    {
      name: 'both instances answer, and one is reset',
      seen: (w, was) =>
        at(w.flow, 0).connection === CONNECTED &&
        was.flow.some(f => f.role === ROLE.CHILD && f.connection === RESPOND) &&
        at(w.flow, 1).connection === CONNECTED &&
        at(w.flow, 2).connection === CLOSED,
    },
    { name: 'a refusal arrives twice', seen: w => w.did.ignored === 1 },
    {
      name: 'both instances refuse',
      seen: w => w.did.passed === 1 && at(w.flow, 0).connection === CLOSED,
    },
    {
      name: 'an instance answers that the host no longer asks',
      seen: (w, was) =>
        at(was.flow, 0).connection === REQUEST &&
        at(w.flow, 0).connection === CONNECTED &&
        at(w.flow, 0).peer === FIRST + w.asked,
    },
  ],
})
