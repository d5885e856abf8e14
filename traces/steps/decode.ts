/** Reads a log of steps. Rejects malformed text with an error that names the fault. */
import { type Either, isLeft } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { DEPTH_LIMIT, faultText, type JsonLimits, parseJson, shown } from '../../checker/text/json.ts'
import { EVENT_FIELDS } from '../../spec/machines/flow/events.ts'
import { StepsError } from './errors.ts'
import {
  type Again,
  againCodec,
  endCodec,
  headerCodec,
  type RecordedStep,
  STEPS_FORMAT,
  stepCodec,
} from './format.ts'
import { Names } from './names.ts'

/** A step with its event, effects and registers takes about 2,000 characters. */
const LINE_LIMITS: JsonLimits = { characters: 65_536, depth: DEPTH_LIMIT, values: 4096 }

/** A line with its number in the file, from 1. */
export type Line = (RecordedStep | Again) & { readonly number: number }

export interface Steps {
  /** Hash of the step that was executed. */
  readonly machine: string
  readonly lines: readonly Line[]
  /** `cut`: the log has no end, because its process was killed. `full`: the log lacks later steps. */
  readonly end: 'closed' | 'full' | 'cut'
  readonly names: Names
}

export const isAgain = (line: Line): line is Again & { readonly number: number } => 'again' in line

/** Returns whether a file may be a log of steps: it begins like a JSON object. */
export const mayBeSteps = (bytes: Uint8Array): boolean => bytes[0] === '{'.charCodeAt(0)

/** Decodes a log. Throws STEPS_HEADER, STEPS_VERSION, STEPS_JSON, STEPS_SHAPE and STEPS_LINES, and nothing else. */
export function decodeSteps(text: string): Steps {
  const names = new Names()
  const texts = text.split('\n')
  // The last line ends with a newline; without one, the log was cut off.
  const isWhole = texts.pop() === ''
  const machine = decodeHeader(texts[0] ?? '')
  const lines: Line[] = []
  let end: Steps['end'] = 'cut'
  for (const [index, line] of texts.entries()) {
    if (index === 0) continue
    if (end !== 'cut') throw wrongLines(index + 1, 'a line after the end')
    const value = parse(line, names, index + 1)
    if (isEnd(value)) end = decodeEnd(value, index + 1)
    else lines.push(decodeLine(value, index + 1))
  }
  return { machine, lines, end: isWhole ? end : 'cut', names }
}

function decodeHeader(line: string): string {
  let header: unknown
  try {
    header = parseJson(line, LINE_LIMITS)
  } catch {
    throw noHeader()
  }
  if (typeof header !== 'object' || header === null || !('steps' in header)) throw noHeader()
  if ('format' in header && header.format !== STEPS_FORMAT)
    throw new StepsError(
      'STEPS_VERSION',
      `the log has format ${shown(header.format)}, but this version reads format ${STEPS_FORMAT}; validate it with the version of serval that wrote it`,
    )
  return need(headerCodec.decode(header), 1).machine
}

const noHeader = (): StepsError =>
  new StepsError(
    'STEPS_HEADER',
    'the first line is not the header of a log of steps; give a log that a stack wrote, or use serval replay for the trace of a model',
  )

function parse(line: string, names: Names, number: number): unknown {
  try {
    return parseJson(line, LINE_LIMITS, names.revive)
  } catch (error) {
    throw new StepsError(
      'STEPS_JSON',
      `line ${number} is not JSON (${(error as Error).message}); record the log again`,
    )
  }
}

const isEnd = (value: unknown): boolean => typeof value === 'object' && value !== null && 'end' in value

function decodeEnd(value: unknown, number: number): 'closed' | 'full' {
  const { end, lines } = need(endCodec.decode(value), number)
  if (lines !== number - 1) throw wrongLines(number, `an end after ${lines} lines`)
  return end
}

function decodeLine(value: unknown, number: number): Line {
  if (typeof value === 'object' && value !== null && 'again' in value)
    return { ...need(againCodec.decode(value), number), number }
  const step = need(stepCodec.decode(value), number)
  assertEvent(step, number)
  return { ...step, number }
}

/** Checks that an event has all its fields, because the machine reads them all. */
function assertEvent({ event }: RecordedStep, number: number): void {
  if (!Object.hasOwn(EVENT_FIELDS, event.type))
    throw wrongShape(number, `the machine has no event ${shown(event.type)}`)
  const fields = EVENT_FIELDS[event.type as keyof typeof EVENT_FIELDS]
  const wrong = fields.find(name => !Number.isSafeInteger(event[name]))
  if (wrong !== undefined)
    throw wrongShape(number, `event.${wrong} is ${shown(event[wrong])}, not an integer`)
}

function need<T>(decoded: Either<t.Errors, T>, number: number): T {
  if (isLeft(decoded)) throw wrongShape(number, faultText(decoded.left, 'the line'))
  return decoded.right
}

const wrongShape = (number: number, what: string): StepsError =>
  new StepsError('STEPS_SHAPE', `line ${number}: ${what}; correct the line, or record the log again`)

const wrongLines = (number: number, what: string): StepsError =>
  new StepsError('STEPS_LINES', `line ${number} is ${what}; record the log again`)
