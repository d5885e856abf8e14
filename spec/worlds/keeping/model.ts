import { next, notBefore } from '../../machines/flow/serial.ts'
import { keeper, registrar } from '../../machines/registration/compiled.ts'
import { KEEPER, REGISTRAR } from '../../machines/registration/states.ts'
import { onOff } from '../bounds.ts'
import { modelOf } from '../model.ts'
import * as stage from './effects.ts'
import { keepingInvariants } from './invariants.ts'
import { keepingRules, keepingScope } from './rules.ts'
import * as shape from './state.ts'
import { SETTLED } from './state.ts'

export const keeping = modelOf({
  name: 'keeping',
  shows:
    'A host renews its lease at one of two controllers that share a registry. The host dies or turns to the other controller. Controllers die and start again. The registry is silent for longer than a lease, and loses its data. Time passes: a renewed lease holds, and that of a dead host ends.',
  leavesOut:
    'Messages between host and controller, versions and moves, which `registration` explores. A registry that only one controller reaches. Whatever members can do, they do before the next tick.',
  bounds: {
    deaths: onOff('the host may die', 1),
    kills: onOff('controllers may die and start again', 1),
    outages: onOff('the registry may be silent', 1),
    losses: onOff('the registry may lose its data', 0, 1),
    evictions: onOff('an operator may evict the instance', 1),
    signed: onOff('each renewal has a certificate', 0),
  },
  invariants: keepingInvariants,
  world: (b: shape.KeepingBounds) => ({
    shape: shape.keepingShape(b),
    did: shape.KEEPING_DID,
    machines: { registrar, keeper },
    effects: stage.keepingEffects,
    scope: { ...{ next, notBefore }, ...shape, ...stage, ...keepingScope, ...{ KEEPER, REGISTRAR } },
    rules: keepingRules,
  }),
  witnesses: [
    {
      name: 'a lease ends after host and keeper died',
      seen: w => w.did.expired === 1 && w.live.some(c => c.up === 0),
    },
    {
      name: 'a lease has outlived an outage',
      seen: w => w.host.missed === 0 && w.calm === SETTLED && w.live.every(c => c.names === 2),
    },
    {
      name: 'two controllers announce themselves at once',
      seen: w => w.live.every(c => c.telling === 1),
    },
  ],
  final: () => true,
  actors: () => [
    { name: 'host', place: 'host', addresses: [1], acts: { cell: 'leased', value: 1 } },
    ...[1, 2].map(i => ({
      name: `controller ${i}`,
      place: `live[${i - 1}]`,
      addresses: [i + 1],
      acts: { cell: 'expired', value: 1 },
    })),
  ],
  describe: () => ({ kind: '', from: 0, to: 0 }),
})
