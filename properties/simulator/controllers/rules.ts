/** The rules that a run of the service plane must keep. */
export const PLANE_RULES = {
  resolvable:
    'A live instance that renews its lease stays resolvable, except for a bounded time after a fault (49).',
  dead: 'An instance that is gone stops being resolvable: at once if it leaves, else with its lease (49).',
  confirmed: 'Nothing that a controller has confirmed is lost while its registry keeps its data (48).',
  weights:
    'Load follows weights: every client and router has the weights that instances and operators have set.',
  reached: 'A client reaches every service that has an instance, and no instance that drains.',
  evicted:
    'An instance that an operator has evicted stays out until it is admitted or its program starts again (73).',
  met: 'The rendezvous knows the current address of each host.',
  thrown: 'Nothing throws, and the run ends.',
} as const

export type PlaneRule = keyof typeof PLANE_RULES
