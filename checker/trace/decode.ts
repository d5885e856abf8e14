import { isLeft } from 'fp-ts/lib/Either.js'
import { at } from '../text/at.ts'
import { FILE_LIMITS, faultText, parseJson, shown } from '../text/json.ts'
import { TraceError } from './errors.ts'
import { FORMAT, type Trace, traceCodec } from './format.ts'

/** Decodes the text of a trace file. Throws TRACE_JSON, TRACE_VERSION and TRACE_SHAPE, and nothing else. */
export function decode(text: string): Trace {
  const json = parse(text)
  const version = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined
  if (version !== undefined && version !== FORMAT) {
    throw new TraceError(
      'TRACE_VERSION',
      `the trace has format ${shown(version)}, and this version reads format ${FORMAT}; replay it with the version of serval that wrote it`,
    )
  }
  const decoded = traceCodec.decode(json)
  if (isLeft(decoded)) throw shapeError(faultText(decoded.left, 'the file'))
  assertWhole(decoded.right)
  return decoded.right
}

function parse(text: string): unknown {
  try {
    return parseJson(text, FILE_LIMITS)
  } catch (error) {
    throw new TraceError(
      'TRACE_JSON',
      `the text is not JSON (${(error as Error).message}); if the trace was cut off, record or fetch it again`,
    )
  }
}

/** Checks what the types cannot express. */
function assertWhole({ expect, invariant, kind, loop, steps }: Trace): void {
  if (expect === 'violated' && (invariant === undefined || kind === undefined))
    throw shapeError(
      "a trace that expects 'violated' must name the violated property: give invariant and kind",
    )
  if ((kind === 'liveness') !== (loop !== undefined))
    throw shapeError("loop says where the cycle of a trace of kind 'liveness' begins: give both or neither")
  if (loop !== undefined && !(loop >= 0 && loop <= steps.length))
    throw shapeError(
      `loop is ${loop} and should be 0 to ${steps.length}, the number of steps before the cycle`,
    )
  const displaced = steps.findIndex(({ index }, at) => index !== at + 1)
  if (displaced >= 0)
    throw shapeError(
      `steps[${displaced}].index is ${at(steps, displaced).index} and should be ${displaced + 1}: steps are missing or out of order`,
    )
}

const shapeError = (what: string): TraceError =>
  new TraceError('TRACE_SHAPE', `${what}; correct the file, or record the trace again`)
