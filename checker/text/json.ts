import { at, must } from './at.ts'

/**
 * Parses JSON from outside: lines of peers, records of a registry, files. It limits size, nesting and the
 * number of values before anything recursive sees the text, and quotes at most a bounded part of the text in an
 * error. All decoders use it.
 */

export interface JsonLimits {
  /** Characters of the whole text. */
  readonly characters: number
  /** Nesting of arrays and objects. */
  readonly depth: number
  /**
   * Elements of all arrays and members of all objects together, because a decoder may report a fault for each.
   */
  readonly values: number
}

/** No message, record or file of this project nests deeper than 8. Recursion this deep is safe on any stack. */
export const DEPTH_LIMIT = 32

/** Limits of a file. The longest string of Node is twice as long. */
export const FILE_LIMITS: JsonLimits = { characters: 2 ** 28, depth: DEPTH_LIMIT, values: 2 ** 26 }

/** The text is not JSON, or exceeds a limit. The message says which, and never quotes the text. */
export class JsonError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'JsonError'
  }
}

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c]
/** `[` and `{`, `]` and `}`. */
const [OPEN, OPEN_OBJECT, CLOSE, CLOSE_OBJECT] = [0x5b, 0x7b, 0x5d, 0x7d]

/** Parses `text`. `revive` is that of JSON.parse, called at most `depth` levels deep. Throws a JsonError. */
export function parseJson(
  text: string,
  limits: JsonLimits,
  revive?: (key: string, value: unknown) => unknown,
): unknown {
  assertWithin(text, limits)
  try {
    return JSON.parse(text, revive)
  } catch (error) {
    // The engine's message may quote the text, so use only its position.
    const [place] = /position \d+/.exec((error as Error).message) ?? []
    throw new JsonError(place === undefined ? 'wrong syntax' : `wrong syntax at ${place}`)
  }
}

/** Checks the limits in one pass without recursion. Brackets inside strings do not count. */
function assertWithin(text: string, { characters, depth, values }: JsonLimits): void {
  if (text.length > characters) throw new JsonError(`longer than ${characters} characters`)
  let open = 0
  let seen = 1
  let isString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (isString) {
      if (code === BACKSLASH) at++
      else if (code === QUOTE) isString = false
    } else if (code === QUOTE) isString = true
    else if (code === OPEN || code === OPEN_OBJECT) {
      seen++
      if (++open > depth) throw new JsonError(`nested more than ${depth} deep`)
    } else if (code === CLOSE || code === CLOSE_OBJECT) open--
    else if (code === COMMA && ++seen > values) throw new JsonError(`more than ${values} values`)
  }
}

/** The most characters of an outside value that an error quotes. */
const SHOWN_CHARACTERS = 40

/**
 * Returns an outside value as JSON, cut after `characters`. Recursion ends there too, however deep the value
 * is.
 */
export function shown(value: unknown, characters = SHOWN_CHARACTERS): string {
  let text = ''
  const isFull = (): boolean => text.length > characters
  const write = (part: unknown): void => {
    if (isFull()) return
    if (typeof part === 'string') text += JSON.stringify(part.slice(0, characters + 1))
    else if (typeof part !== 'object' || part === null) text += String(part)
    else if (Array.isArray(part)) list('[', part.keys(), key => part[key as number], ']')
    else list('{', Object.keys(part), key => (part as Record<string, unknown>)[key], '}')
  }
  const list = (
    begin: string,
    keys: Iterable<string | number>,
    at: (key: string | number) => unknown,
    end: string,
  ): void => {
    text += begin
    let isFirst = true
    for (const key of keys) {
      if (isFull()) return
      if (!isFirst) text += ','
      isFirst = false
      if (typeof key === 'string') text += `${JSON.stringify(key.slice(0, characters + 1))}:`
      write(at(key))
    }
    text += end
  }
  write(value)
  return isFull() ? `${text.slice(0, characters)}...` : text
}

/** The part of io-ts's errors that this room reads. It does not import io-ts. */
export interface Fault {
  readonly value: unknown
  readonly context: readonly { readonly key: string; readonly type: { readonly name: string } }[]
}

/** Members of unions and intersections are not part of a path. */
const isBranch = (entry: Fault['context'][number] | undefined): boolean => {
  const tag = (entry?.type as { readonly _tag?: string } | undefined)?._tag
  return tag === 'UnionType' || tag === 'IntersectionType'
}

/** The most characters of a path that an error shows. */
const PATH_CHARACTERS = 80

/** Returns where a decoder's fault is (`steps[3].sent`, empty for the whole), what it found there, and what it expects. */
export function placeOf({ context, value }: Fault): {
  readonly where: string
  readonly found: string
  readonly expected: string
} {
  const parts = context.filter((_, at) => !isBranch(context[at - 1]))
  const path = parts
    .slice(1)
    .map(({ key }) => (/^\d+$/.test(key) ? `[${key}]` : `.${key.slice(0, PATH_CHARACTERS)}`))
  return {
    where: path.join('').replace(/^\./, '').slice(0, PATH_CHARACTERS),
    found: value === undefined ? 'missing' : shown(value),
    expected: must(parts.at(-1), 'the place of a fault').type.name,
  }
}

/**
 * Describes the first fault in words. Alternatives of a union count as one fault. `whole` names the file or
 * line.
 */
export function faultText(faults: readonly Fault[], whole: string): string {
  const { where, found, expected } = placeOf(at(faults, 0))
  const place = where || whole
  return found === 'missing' ? `${place} is missing` : `${place} is ${found} and should be ${expected}`
}
