/** Tells in words what a file's decoder refused. */
import { type Fault, placeOf } from '../checker/text/json.ts'

/** Returns the first fault in words; alternatives of a union count as one. `whole` names the file or line. */
export function report(faults: readonly Fault[], whole: string): string {
  const { where, found, expected } = placeOf(faults[0]!)
  const place = where || whole
  return found === 'missing' ? `${place} is missing` : `${place} is ${found} and should be ${expected}`
}
