import { takeCheckUnit } from '../check/unit.ts'
import { takeFuzzUnit } from '../fuzz/unit.ts'
import { takeSimulateUnit } from '../simulate/unit.ts'
import type { Reply, Unit } from './messages.ts'

/** Works on a unit of any kind, to its end. */
export function takeUnit(unit: Unit): Promise<Reply> {
  const watch = { progress: () => {} }
  switch (unit.kind) {
    case 'fuzz':
      return takeFuzzUnit(unit, watch)
    case 'simulate':
      return takeSimulateUnit(unit, watch)
    case 'check':
      return takeCheckUnit(unit, watch)
  }
}
