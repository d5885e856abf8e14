/** The machines of resolution, lowered: worlds inline them, and hosts run their steps. */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { lower } from '../../../checker/lower/step.ts'
import type { EffectOf, StateOf } from '../../../checker/lower/typed.ts'
import * as waiting from './delayQueue.ts'
import * as forwarding from './forwarder.ts'
import * as seeking from './seeker.ts'

export const forwarder = lower(forwarding.forwarderMachine)
export const delayQueue = lower(waiting.delayQueueMachine)
export const seeker = lower(seeking.seekerMachine)

export const forwarderInterface: Interface = { fields: forwarding.FORWARDER_FIELDS, opaque: ['to'] }
export const delayQueueInterface: Interface = { fields: waiting.DELAY_QUEUE_FIELDS }
export const seekerInterface: Interface = { fields: seeking.SEEKER_FIELDS }

export type ForwarderState = StateOf<typeof forwarding.forwarderMachine>
export type ForwarderEffect = EffectOf<typeof forwarding.forwarderEffects>
export type DelayQueueState = StateOf<typeof waiting.delayQueueMachine>
export type DelayQueueEffect = EffectOf<typeof waiting.delayQueueEffects>
export type SeekerState = StateOf<typeof seeking.seekerMachine>
export type SeekerEffect = EffectOf<typeof seeking.seekerEffects>
