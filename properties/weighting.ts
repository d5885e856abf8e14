/** How random walks choose among the rules of SAL's worlds. */
import type { Weighting } from '../checker/fuzz/weighting.ts'
import type { RuleKind } from '../checker/ir/ir.ts'
import type { LoweredWorld } from '../checker/lower/world.ts'
import type { State } from '../checker/search/walk.ts'
import { CONNECTION } from '../spec/machines/flow/states.ts'
import { ROLE } from '../spec/worlds/flow/state.ts'

/**
 * Phases of a walk. If rules were chosen evenly, the flows would be closed most of the time; most defects show where both
 * ends are connected and may still move.
 */
const PHASES = ['opening', 'moving', 'settled', 'ending'] as const
type Phase = (typeof PHASES)[number]
const phaseNumber = (phase: Phase): number => PHASES.indexOf(phase)
const [OPENING, MOVING, SETTLED, ENDING] = PHASES.map(phaseNumber) as [number, number, number, number]

type Weights = Readonly<Record<Phase, number>>

const even = (weight: number): Weights => ({
  opening: weight,
  moving: weight,
  settled: weight,
  ending: weight,
})

/** Weights of the families of rules that worlds of flows have; chosen by watching coverage. */
const FAMILIES: Readonly<Record<string, Weights>> = {
  deliver: even(60),
  resolve: even(60),
  listen: even(60),
  connect: even(60),
  accept: even(15),
  timeout: even(15),
  expire: { ...even(10), ending: 20 },
  lose: { ...even(8), moving: 15 },
  duplicate: { ...even(5), moving: 10 },
  send: even(10),
  move: { ...even(30), ending: 15 },
  close: { opening: 3, moving: 2, settled: 20, ending: 30 },
  abort: even(1),
  'give up': even(1),
  dead: even(1),
}

/** Weights of all other families. */
const OTHERS: Readonly<Record<RuleKind, Weights>> = {
  protocol: even(20),
  environment: even(10),
  fault: even(15),
}

export const salWeighting: Weighting = {
  phases: PHASES.length,
  phaseIn: world => {
    const flows = flowsIn(world)
    return state => phaseOf(flows, state)
  },
  weigh: ({ name, kind }, phase) => (FAMILIES[name] ?? OTHERS[kind])[PHASES[phase] as Phase],
  indispensable: new Set(['listen', 'connect']),
  delivery: 'deliver',
}

/** Which variables of a state hold a flow's; -1 for a variable that the world does not have. */
interface FlowVariables {
  readonly connection: number
  readonly moves: number
  readonly mayMove: number
}

/** Returns the flows of a world, listeners left out; none for a world without flows. */
function flowsIn({ spec, system }: LoweredWorld): FlowVariables[] {
  const { flow = [] } = spec.shape as unknown as { flow?: readonly { role: number; mayMove: number }[] }
  const indexOf = (name: string) => system.variables.findIndex(variable => variable.name === name)
  return flow.flatMap(({ role, mayMove }, index) =>
    role === ROLE.LISTENER
      ? []
      : [
          {
            connection: indexOf(`flow[${index}].connection`),
            moves: indexOf(`flow[${index}].moves`),
            mayMove,
          },
        ],
  )
}

function phaseOf(flows: readonly FlowVariables[], state: State): number {
  let [isOpening, isEnding, isMovable] = [true, false, false]
  for (const { connection, moves, mayMove } of flows) {
    const at = state[connection] as number
    if (at > CONNECTION.CONNECTED) isEnding = true
    if (at === CONNECTION.CONNECTED) isOpening = false
    if (moves >= 0 && (state[moves] as number) < mayMove) isMovable = true
  }
  if (isEnding) return ENDING
  if (isOpening) return OPENING
  return isMovable ? MOVING : SETTLED
}
