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
} from './compiled.ts'
import type { DelayQueueEvent } from './delayQueue.ts'
import type { ForwarderEvent } from './forwarder.ts'

export const forwarderStep = compiled<ForwarderState, ForwarderEvent, ForwarderEffect>(
  forwarder,
  forwarderInterface,
)

export const delayQueueStep = compiled<DelayQueueState, DelayQueueEvent, DelayQueueEffect>(
  delayQueue,
  delayQueueInterface,
)
