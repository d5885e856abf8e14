import type { Pulse } from './pulse.ts'
import type { Engine, Plan } from './search.ts'

export function together(_plan: Plan, _pulse: Pulse, _workers: number): Engine {
  throw new Error('not yet')
}
