/** The rules that a run of the service plane must keep. */
export const PLANE_RULES = {
  resolvable:
    'A live instance that renews its lease stays resolvable, except for a bounded time after a fault (49).',
  dead: 'An instance that is gone stops being resolvable: at once if it leaves, else with its lease (49).',
  confirmed: 'Nothing that a controller has confirmed is lost while its registry keeps its data (48).',
  weights: 'Load follows weights: everybody has the weights that instances and operators have set.',
  reached: 'A client reaches every service that has an instance, and no instance that drains.',
  met: 'The rendezvous knows each host where it is.',
  thrown: 'Nothing throws, and the run comes to its end.',
} as const

export type PlaneRule = keyof typeof PLANE_RULES

/** One thing that a run broke. */
export interface PlaneFinding {
  readonly rule: PlaneRule
  readonly atMs: number
  readonly what: string
}

/** Different findings that are kept of one run: those that follow the first are mostly its consequences. */
const MOST_FINDINGS = 10

export class PlaneFindings {
  readonly list: PlaneFinding[] = []

  add(rule: PlaneRule, atMs: number, what: string): void {
    const isKnown = this.list.some(known => known.rule === rule && known.what === what)
    if (!isKnown && this.list.length < MOST_FINDINGS) this.list.push({ rule, atMs, what })
  }
}
