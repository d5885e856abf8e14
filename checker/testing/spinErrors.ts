import { CodedError } from '../text/codedError.ts'

/**
 * Why SPIN gave no count. `SPN001`: spin or gcc is not installed. `SPN002`: spin or gcc rejected the text.
 * `SPN003`: the search needs more memory than it was given. `SPN004`: the search needs a deeper stack than it
 * was given. `SPN005`: pan ended in a way that this oracle does not understand.
 */
export type SpinErrorCode = 'SPN001' | 'SPN002' | 'SPN003' | 'SPN004' | 'SPN005'

export class SpinError extends CodedError<SpinErrorCode> {
  override readonly name = 'SpinError'
}
