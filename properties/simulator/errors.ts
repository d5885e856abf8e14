import { CodedError, type ErrorTable } from '../../checker/text/errors.ts'

/** Errors in a plan. */
export const PLAN_ERRORS = {
  PLAN_JSON: [
    'The file is not JSON: it is cut off, or of another kind.',
    'Give a plan that `serval simulate` wrote.',
  ],
  PLAN_VERSION: ['The plan has an unknown format version.', 'Draw it again with this version.'],
  PLAN_SHAPE: [
    'A part of the plan is missing or has the wrong type.',
    'Correct the path that the message names.',
  ],
  PLAN_RANGE: [
    'A number is out of range, or actions are not in order of time.',
    'Correct the action that the message names.',
  ],
  PLAN_NAME: [
    'The plan has no such host, member, address or flow, a flow begins twice, or no such defect exists.',
    'Correct the action that the message names.',
  ],
} as const satisfies ErrorTable

export type PlanCode = keyof typeof PLAN_ERRORS

/** An error of the plans' closed set. The message says what to do. */
export class PlanError extends CodedError<PlanCode> {
  override readonly name = 'PlanError'
}
