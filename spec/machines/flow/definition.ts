/** The guards and actions of the flow machine, typed, so that a region can name no other. */
import { assign, setup } from 'xstate'
import { assigns } from './assigns.ts'
import { flowEffects } from './effects.ts'
import type { AnyFlowEvent } from './events.ts'
import { guards } from './guards.ts'
import type { Registers } from './registers.ts'

type Assigns = {
  [K in keyof typeof assigns]: ReturnType<
    typeof assign<Registers, AnyFlowEvent, undefined, AnyFlowEvent, never>
  >
}

const assignActions = Object.fromEntries(
  Object.entries(assigns).map(([name, assignment]) => [name, assign(assignment)]),
) as unknown as Assigns

export const definition = setup({
  types: { context: {} as Registers, events: {} as AnyFlowEvent },
  guards: guards as unknown as Record<
    keyof typeof guards,
    (args: { context: Registers; event: AnyFlowEvent }) => boolean
  >,
  actions: { ...assignActions, ...flowEffects },
})
