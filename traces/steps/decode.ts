/** Reads a log of steps. Refuses malformed text with an error that names the fault. */
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

/** A step with its event, effects and registers is some 2,000 characters. */
const LINE_LIMITS: JsonLimits = { characters: 65_536, depth: DEPTH_LIMIT, values: 4096 }

/** A line with its number in the file, from 1. */
export type Line = (RecordedStep | Again) & { readonly number: number }

export interface Steps {
  /** Hash of the step that was executed. */
  readonly machine: string
  readonly lines: readonly Line[]
  /** `cut`: the log has no end, as when its process was killed. `full`: what came later is not in it. */
  readonly end: 'closed' | 'full' | 'cut'
  readonly names: Names
}

export const isAgain = (line: Line): line is Again & { readonly number: number } => 'again' in line

/** Whether a file may be a log of steps: it is text that begins as JSON does. */
export const mayBeSteps = (bytes: Uint8Array): boolean => bytes[0] === '{'.charCodeAt(0)

/** Throws STEPS_HEADER, STEPS_VERSION, STEPS_JSON, STEPS_SHAPE, STEPS_LINES, never anything else. */
export function decodeSteps(text: string): Steps {
  const names = new Names()
  const texts = text.split('\n')
  // Behind the last line there is nothing; a line that was cut off is no line.
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
      `these are steps of format ${shown(header.format)}, and format ${STEPS_FORMAT} is what this version reads; validate them with the version of serval that wrote them`,
    )
  return need(headerCodec.decode(header), 1).machine
}

const noHeader = (): StepsError =>
  new StepsError(
    'STEPS_HEADER',
    'the first line is no header of steps; give what a stack wrote, or, if it is a trace of a model, replay it',
  )

function parse(line: string, names: Names, number: number): unknown {
  try {
    return parseJson(line, LINE_LIMITS, names.revive)
  } catch (error) {
    throw new StepsError(
      'STEPS_JSON',
      `line ${number} is no JSON (${(error as Error).message}); record it again`,
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

/** The machine reads all fields of an event. */
function assertEvent({ event }: RecordedStep, number: number): void {
  if (!Object.hasOwn(EVENT_FIELDS, event.type))
    throw wrongShape(number, `the machine knows no event ${shown(event.type)}`)
  const fields = EVENT_FIELDS[event.type as keyof typeof EVENT_FIELDS]
  const wrong = fields.find(name => !Number.isSafeInteger(event[name]))
  if (wrong !== undefined) throw wrongShape(number, `event.${wrong} is ${shown(event[wrong])}, and no number`)
}

function need<T>(decoded: Either<t.Errors, T>, number: number): T {
  if (isLeft(decoded)) throw wrongShape(number, faultText(decoded.left, 'the line'))
  return decoded.right
}

const wrongShape = (number: number, what: string): StepsError =>
  new StepsError('STEPS_SHAPE', `line ${number}: ${what}; correct it, or record it again`)

const wrongLines = (number: number, what: string): StepsError =>
  new StepsError('STEPS_LINES', `line ${number} is ${what}; record it again`)
