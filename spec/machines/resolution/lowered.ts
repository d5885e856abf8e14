/** The machines of resolution, ready to be lowered into a world or into a host's step. */
import { lower } from '../../../checker/lower/step.ts'
import { delayQueueMachine } from './delayQueue.ts'
import { forwarderMachine } from './forwarder.ts'

export const forwarder = lower(forwarderMachine)

export const delayQueue = lower(delayQueueMachine)
