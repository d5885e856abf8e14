/** What can be wrong with a plan that is to be simulated. */
export type PlanCode =
  /** Not JSON at all: cut off, or another kind of file. */
  | 'PLAN_JSON'
  /** Written in a version of the format that is not known here. */
  | 'PLAN_VERSION'
  /** JSON, but a part is missing or of the wrong kind. */
  | 'PLAN_SHAPE'
  /** A number is out of its range, or actions are not in the order of time. */
  | 'PLAN_RANGE'
  /** A host, an address or a flow that the plan has not; a flow that begins twice; no such defect. */
  | 'PLAN_NAME'

/** An error of the plans' closed set. The message says what to do. */
export class PlanError extends Error {
  readonly code: PlanCode

  constructor(code: PlanCode, message: string) {
    super(`${code}: ${message}`)
    this.name = 'PlanError'
    this.code = code
  }
}
