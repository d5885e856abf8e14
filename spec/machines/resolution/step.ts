/** The steps of the machines of resolution, which hosts run. They are printed from the machines. */
import { compiled } from '../../../checker/lower/standalone.ts'
import {
  type DelayQueueEffect,
  type DelayQueueState,
  delayQueue,
  delayQueueInterface,
  type ForwarderEffect,
  type ForwarderState,
  forwarder,
  forwarderInterface,
  type SeekerEffect,
  type SeekerState,
  seeker,
  seekerInterface,
} from './compiled.ts'
import type { DelayQueueEvent } from './delayQueue.ts'
import type { ForwarderEvent } from './forwarder.ts'
import type { SeekerEvent } from './seeker.ts'

export const forwarderStep = compiled<ForwarderState, ForwarderEvent, ForwarderEffect>(
  forwarder,
  forwarderInterface,
)

export const delayQueueStep = compiled<DelayQueueState, DelayQueueEvent, DelayQueueEffect>(
  delayQueue,
  delayQueueInterface,
)

export const seekerStep = compiled<SeekerState, SeekerEvent, SeekerEffect>(seeker, seekerInterface)
