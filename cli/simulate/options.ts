/** The options of `serval simulate`. */
export interface SimulateOptions {
  readonly seed?: number
  readonly runs?: number
  readonly hosts?: number
  readonly routers?: number
  readonly instances?: number
  readonly faults?: string
  readonly attacks?: boolean
  readonly flows?: boolean
  readonly plane?: boolean
  readonly defect?: string
  readonly capture?: string
  readonly diagram?: string
  readonly campaign?: string
  readonly json?: boolean
}
