import { CodedError } from '../text/errors.ts'

/** The report of one run of pan. */
export interface PanReport {
  /** Distinct states stored. */
  readonly distinct: number
  /** Steps taken, including those to known states. From 10^8 on, pan rounds to eight digits. */
  readonly transitions: number
  /** Longest path of the depth-first search, in steps. */
  readonly depth: number
  /** All memory that pan used, in bytes, including its hash table and stack. */
  readonly bytes: number
  /** The first failed assertion, as pan prints it. The counts are then those up to the failure. */
  readonly violated: string | undefined
}

/**
 * Why SPIN gave no count. `SPN001`: spin or gcc is not installed. `SPN002`: spin or gcc rejected the text.
 * `SPN003`: the search needs more memory than it was given. `SPN004`: the search needs a deeper stack than it
 * was given. `SPN005`: pan ended in a way that this oracle does not understand.
 */
export type SpinErrorCode = 'SPN001' | 'SPN002' | 'SPN003' | 'SPN004' | 'SPN005'

export class SpinError extends CodedError<SpinErrorCode> {
  override readonly name = 'SpinError'
}

/**
 * Reads pan's output.
 *
 * @throws SpinError `SPN003` and `SPN004` if the search was cut short, `SPN005` if there is no count or an
 * error other than an assertion
 */
export function parsePan(output: string): PanReport {
  if (/max search depth too small/.test(output)) {
    throw new SpinError(
      'SPN004',
      'the search is deeper than pan was told to go; give a larger maximal depth.',
    )
  }
  if (/reached -DMEMLIM|out of memory/i.test(output)) {
    throw new SpinError('SPN003', 'the search ran out of memory; give more megabytes or a smaller model.')
  }
  const violated = /assertion violated (.*?)(?: \(at depth \d+\))?$/m.exec(output)?.[1]
  const errors = number(output, /errors: (\d+)/)
  if (violated === undefined && (errors > 0 || /Search not completed/.test(output))) {
    throw new SpinError('SPN005', `pan reports an error that is no assertion:\n${output.slice(0, 2000)}`)
  }
  return {
    distinct: number(output, /^\s*([\de+.]+) states, stored/m),
    // pan counts the path into the initial state as one.
    transitions: number(output, /^\s*([\de+.]+) transitions/m) - 1,
    depth: number(output, /depth reached (\d+)/),
    bytes: Math.round(
      number(output, /^\s*([\d.]+)\s+(?:total actual memory usage|memory usage \(Mbyte\))/m) * 2 ** 20,
    ),
    violated,
  }
}

function number(output: string, pattern: RegExp): number {
  const found = pattern.exec(output)?.[1]
  if (found === undefined) {
    throw new SpinError('SPN005', `pan printed nothing that matches ${pattern}:\n${output.slice(0, 2000)}`)
  }
  return Number(found)
}
