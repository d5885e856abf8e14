import type { System } from '../../checker/ir/ir.ts'
import { must } from '../../checker/text/at.ts'
import { defects } from './index.ts'
import { brokenWorld } from './results.ts'

/** Returns the world of this model with the defect put back, as results.json names both. */
export function worldShowing(id: string, model: string): System {
  const defect = must(defects.find(one => one.id === id))
  return brokenWorld(defect, must(defect.shownBy.find(one => one.model === model)))
}
