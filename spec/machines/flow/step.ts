/** The step of the flow machine, which hosts run. It is printed from the machine. */
import { compiled } from '../../../checker/lower/standalone.ts'
import { type FlowEffect, type FlowState, flow, flowInterface } from './compiled.ts'
import type { FlowEvent } from './events.ts'

/** Returns the flow machine as a function that steps a plain record. */
export const flowStep = compiled<FlowState, FlowEvent, FlowEffect>(flow, flowInterface)
