/** Defects of controllers that share a registry, each of which one invariant is there to find. */

import { keeper } from '../../spec/machines/registration/compiled.ts'
import type { Defect } from './defect.ts'
import { actionOf, edit, without } from './patch.ts'

const outage = [{ model: 'keeping', bounds: { outages: 1 } }]

export const keepingDefects: readonly Defect[] = [
  {
    id: 'S81',
    sentence: 'Leases do not start over when a registry returns.',
    shownBy: outage,
    replacement: {
      machines: {
        keeper: without(
          keeper,
          ...['OURS', 'THEIRS'].flatMap(s => [1, 2].map(n => `keeper.${s} RETURNED #${n}`)),
        ),
      },
    },
  },
  {
    id: 'S81b',
    sentence: 'A controller ends a lease that another controller renews.',
    shownBy: [{ model: 'keeping' }],
    replacement: { machines: { keeper: without(keeper, 'keeper.THEIRS DUE #1') } },
  },
  {
    id: 'S81c',
    sentence: 'A controller to which a host turns does not tell the others.',
    shownBy: [{ model: 'keeping' }],
    replacement: {
      machines: {
        keeper: edit(keeper, ['keeper.THEIRS RENEWED'], t => ({
          ...t,
          actions: [actionOf(keeper, 'extend')],
        })),
      },
    },
  },
  {
    id: 'S81d',
    sentence: 'A controller ends leases while it cannot reach the registry.',
    shownBy: outage,
    replacement: { machines: { keeper: without(keeper, 'keeper.OURS DUE #1') } },
  },
  {
    id: 'S82',
    sentence: 'A controller waits forever for a keeper that is dead.',
    shownBy: [{ model: 'keeping' }],
    replacement: { machines: { keeper: without(keeper, 'keeper.THEIRS DUE #2') } },
  },
  {
    id: 'S82b',
    sentence: 'Controllers do not store again what the registry has lost.',
    shownBy: [{ model: 'keeping', bounds: { outages: 1, losses: 1 } }],
    replacement: {
      machines: {
        keeper: edit(keeper, ['keeper.OURS RETURNED #1', 'keeper.THEIRS RETURNED #1'], t => ({
          ...t,
          actions: [actionOf(keeper, 'extend')],
        })),
      },
    },
  },
  {
    id: 'S83',
    sentence: 'A controller that announces itself overwrites what another has written meanwhile.',
    shownBy: [{ model: 'keeping', bounds: { evictions: 1 } }],
    replacement: { scope: { mayReplace: () => true } },
  },
]
