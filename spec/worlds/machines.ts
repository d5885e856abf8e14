/** How the rules and effects of worlds use SAL's machines: by name, with the events that the machine has. */

import type { Handlers, Uses } from '../../checker/lower/typed.ts'
import * as lowering from '../../checker/lower/world.ts'
import type { connectionStep } from '../machines/connection/step.ts'
import type { flowStep } from '../machines/flow/step.ts'
import type { listenerStep } from '../machines/listener/step.ts'
import type { keeperStep, registrantStep, registrarStep } from '../machines/registration/step.ts'
import type { relayStep } from '../machines/relay/step.ts'
import type { rendezvousStep } from '../machines/rendezvous/step.ts'
import type { delayQueueStep, forwarderStep, seekerStep } from '../machines/resolution/step.ts'

interface Machines {
  readonly flow: typeof flowStep
  readonly connection: typeof connectionStep
  readonly listener: typeof listenerStep
  readonly forwarder: typeof forwarderStep
  readonly delayQueue: typeof delayQueueStep
  readonly seeker: typeof seekerStep
  readonly rendezvous: typeof rendezvousStep
  readonly relay: typeof relayStep
  readonly registrant: typeof registrantStep
  readonly registrar: typeof registrarStep
  readonly keeper: typeof keeperStep
}

/** Lets the named machine take one step on an event. Its effects are those of the world. */
export const step: Uses<Machines, void> = lowering.step

/** Reports whether an event would do anything. */
export const can: Uses<Machines, boolean> = lowering.can

/** A world's handlers for the effects of the named machine. `Self` is the type of the machine's place in the world. */
export type EffectsOf<Name extends keyof Machines, W, Self> = Handlers<Machines[Name], W, Self>
