/** Defects of registration that nobody has made yet, each of which one invariant is there to find. */

import { registrant, registrar } from '../../spec/machines/registration/compiled.ts'
import { step } from '../../spec/worlds/machines.ts'
import type { RegistrationWorld } from '../../spec/worlds/registration/state.ts'
import type { Defect } from './defect.ts'
import { actionOf, always, edit, editAll, never, replaceNamed, without } from './patch.ts'

const shownBy = [{ model: 'registration' }]

export const registrationDefects: readonly Defect[] = [
  {
    id: 'S47',
    sentence: 'A host unregisters a service when a flow that its listener accepted ends.',
    shownBy: [{ model: 'registration', bounds: { children: 1 } }],
    replacement: {
      scope: {
        endFlow: (w: RegistrationWorld): void => {
          w.host.child = 0
          step('registrant', w.host, 'UNBIND')
        },
      },
    },
  },
  {
    id: 'S48',
    sentence: 'A controller accepts registrations without comparing versions.',
    shownBy,
    replacement: {
      machines: {
        registrar: editAll(registrar, t => ({
          ...t,
          guard: t.guard && replaceNamed(t.guard, 'isNewer', always),
        })),
      },
    },
  },
  {
    id: 'S48b',
    sentence: 'A controller forgets an instance and its version as soon as the instance is unregistered.',
    shownBy,
    replacement: {
      machines: {
        registrar: edit(registrar, ['registrar.BOUND UNREGISTER #2'], t => ({
          ...t,
          target: 'ABSENT',
          actions: [
            actionOf(registrar, 'forget'),
            actionOf(registrar, 'lose'),
            actionOf(registrar, 'store'),
            actionOf(registrar, 'confirm'),
          ],
        })),
      },
    },
  },
  {
    id: 'S48c',
    sentence: 'A controller confirms a registration before the registry has stored it.',
    shownBy,
    replacement: {
      machines: {
        registrar: editAll(registrar, t =>
          t.event === 'REGISTER'
            ? {
                ...t,
                actions: t.actions.flatMap(a =>
                  a.name === 'store' ? [a, actionOf(registrar, 'confirm')] : [a],
                ),
              }
            : t,
        ),
      },
    },
  },
  {
    id: 'S48d',
    sentence: 'A controller overwrites what another controller has written meanwhile.',
    shownBy,
    replacement: { scope: { mayWrite: () => true } },
  },
  {
    id: 'S73',
    sentence: 'An evicted instance is bound again when its host changes its address.',
    shownBy: [{ model: 'eviction' }],
    replacement: {
      machines: {
        registrar: edit(registrar, ['registrar.EVICTED REGISTER #2'], t => ({
          ...t,
          target: 'BOUND',
          actions: [actionOf(registrar, 'take'), actionOf(registrar, 'store')],
        })),
      },
    },
  },
  {
    id: 'S73b',
    sentence: 'A controller keeps the evicted state to itself, and stores the end of the lease.',
    shownBy: [{ model: 'eviction' }],
    replacement: {
      machines: {
        registrar: edit(registrar, ['registrar.BOUND EVICT'], t => ({ ...t, target: 'EXPIRED' })),
      },
    },
  },
  {
    id: 'S74',
    sentence: 'A controller accepts a claim for a name whose key does not vouch for it.',
    shownBy: [{ model: 'registration', bounds: { strangers: 1 } }],
    replacement: {
      machines: {
        registrar: editAll(registrar, t => ({
          ...t,
          guard: t.guard && replaceNamed(t.guard, 'isDenied', never),
        })),
      },
    },
  },
  {
    id: 'S49',
    sentence: 'A lease never ends.',
    shownBy,
    replacement: { machines: { registrar: without(registrar, 'registrar.BOUND EXPIRE') } },
  },
  {
    id: 'S49b',
    sentence: 'A host sends its unregistration once, and does not wait for the confirmation.',
    shownBy,
    replacement: { machines: { registrant: without(registrant, 'registrant.UNREGISTERING TIMEOUT') } },
  },
  {
    id: 'S49c',
    sentence: 'A host that moves does not update its registration.',
    shownBy,
    replacement: { machines: { registrant: without(registrant, 'registrant.REGISTERED MOVE') } },
  },
]
