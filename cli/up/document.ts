/** Reads a file of settings in YAML, and says where a fault is. */
import { isLeft } from 'fp-ts/lib/Either.js'
import type * as t from 'io-ts'
import { isMap, isPair, isScalar, LineCounter, type Node, parseDocument } from 'yaml'
import { must } from '../../checker/text/at.ts'
import { placeOf } from '../../checker/text/json.ts'
import { CliError } from '../errors.ts'
import { readBytes } from '../files.ts'

/** The longest file, bytes. */
const MOST_BYTES = 1_048_576

type Path = readonly (string | number)[]

/** Runs `read`. Throws CLI_SETTINGS with the line and column of the value at `path`, and the message of what `read` throws. */
export type At = <A>(path: Path, read: () => A) => A

/** Returns the text of the file. Throws CLI_READ, CLI_SETTINGS. */
export function textOf(file: string): string {
  const bytes = readBytes(file)
  if (bytes.length > MOST_BYTES)
    throw new CliError(
      'CLI_SETTINGS',
      `${file} has more than ${MOST_BYTES} bytes; split it over several processes`,
    )
  return new TextDecoder().decode(bytes)
}

/** Reads the text of the file. Throws CLI_SETTINGS with the line and column of a fault. */
export function readDocument<A>(
  source: string,
  file: string,
  codec: t.Type<A>,
): { readonly value: A; readonly at: At } {
  const lines = new LineCounter()
  const document = parseDocument(source, { lineCounter: lines, prettyErrors: false, stringKeys: true })
  const fault = (offset: number, what: string): CliError => {
    const { line, col } = lines.linePos(offset)
    return new CliError('CLI_SETTINGS', `${file}:${line}:${col}: ${what}`)
  }
  const [error] = document.errors
  if (error !== undefined) throw fault(error.pos[0], `${error.message}; correct the YAML`)
  const offsetOf = (path: Path): number => offset(document.contents, path)
  let value: unknown
  try {
    value = document.toJS() ?? {}
  } catch (problem) {
    throw fault(0, `${(problem as Error).message}; write values out instead of referring to others`)
  }
  const decoded = codec.decode(value)
  if (isLeft(decoded)) {
    const one = must(decoded.left.at(-1))
    const { found, expected } = placeOf(one)
    const path = one.context.slice(1).map(({ key }) => key)
    throw fault(offsetOf(path), `${path.join('.') || 'the file'} is ${found}; give ${expected}`)
  }
  const at: At = (path, read) => {
    try {
      return read()
    } catch (problem) {
      throw fault(offsetOf(path), `${path.join('.')}: ${(problem as Error).message}`)
    }
  }
  return { value: decoded.right, at }
}

/** Finds where the value at `path` begins; for a name that does not belong there, the name. */
function offset(node: unknown, path: Path): number {
  const start = (one: unknown): number => (one as Node | undefined)?.range?.[0] ?? 0
  const [first, ...rest] = path
  if (first === undefined) return start(node)
  if (isMap(node)) {
    const pair = node.items.find(
      item => isPair(item) && isScalar(item.key) && String(item.key.value) === first,
    )
    if (pair === undefined) return start(node)
    return rest.length === 0 ? start(pair.key) : offset(pair.value, rest)
  }
  const items = (node as { items?: readonly unknown[] } | undefined)?.items
  const item = items?.[Number(first)]
  return item === undefined ? start(node) : offset(item, rest)
}
