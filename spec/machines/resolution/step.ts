/** The steps of the forwarder and of the delay queue as one function each, for real hosts. */
import type { Interface } from '../../../checker/lower/kinds.ts'
import { type StepFunction, stepFunction } from '../../../checker/lower/standalone.ts'
import { DELAY_QUEUE_FIELDS } from './delayQueue.ts'
import { FORWARDER_FIELDS } from './forwarder.ts'
import * as machines from './lowered.ts'

/** What a forwarder takes in. */
export const forwarderInterface: Interface = { fields: FORWARDER_FIELDS, opaque: ['to'] }

/** What a delay queue takes in. */
export const delayQueueInterface: Interface = { fields: DELAY_QUEUE_FIELDS }

let forwarder: StepFunction | undefined
let delayQueue: StepFunction | undefined

/** The step, printed and loaded when it is first asked for. */
export const forwarderStep = (): StepFunction => {
  forwarder ??= stepFunction(machines.forwarder, forwarderInterface)
  return forwarder
}

/** The step, printed and loaded when it is first asked for. */
export const delayQueueStep = (): StepFunction => {
  delayQueue ??= stepFunction(machines.delayQueue, delayQueueInterface)
  return delayQueue
}
