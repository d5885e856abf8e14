import type { Choice } from './chosen.ts'

/** The options of `serval services`. */
export interface ServicesOptions {
  readonly pid?: number
  readonly watch?: boolean
  readonly via?: string
  readonly address?: readonly string[]
  readonly below?: string
  readonly sort?: Choice['sort']
  readonly count?: boolean
  readonly json?: boolean
}
