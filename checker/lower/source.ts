/** Reads the text of a function back as a syntax tree. */
import { type Expression, type FunctionExpression, type Node, type Pattern, parseExpressionAt } from 'acorn'
import { LowerError } from './errors.ts'

export type { Node }

export interface FunctionSource {
  readonly params: readonly Pattern[]
  /** An expression, or the statements of a block. */
  readonly body: Node
  /** The text that the offsets of nodes refer to. */
  readonly text: string
}

/** A function of any arguments, to be read and not to be called. */
export type Callable = (...args: never[]) => unknown

export const isCallable = (value: unknown): value is Callable => typeof value === 'function'

const known = new WeakMap<Callable, FunctionSource>()

/**
 * Functions written `name(x) {...}` inside an object are methods. They parse as expressions only with
 * `function` in front.
 */
const asExpression = (text: string): string =>
  /^[\w$]+\s*\(/.test(text) && !/^(async|function)\b/.test(text) ? `function ${text}` : text

/** Parses `fn.toString()`. Type stripping leaves blanks for types, so the text is JavaScript. */
export function sourceOf(fn: Callable, where: string): FunctionSource {
  const cached = known.get(fn)
  if (cached) return cached
  const text = `(${asExpression(fn.toString())})`
  let tree: Expression
  try {
    tree = parseExpressionAt(text, 0, { ecmaVersion: 2024, preserveParens: false })
  } catch (cause) {
    throw new LowerError(
      'LOWER_SOURCE',
      where,
      `the function's text cannot be read (${(cause as Error).message})`,
      text,
    )
  }
  if (tree.type !== 'ArrowFunctionExpression' && tree.type !== 'FunctionExpression')
    throw new LowerError(
      'LOWER_SOURCE',
      where,
      'not a function that was written out here; a bound or built-in one has no text',
      text,
    )
  if (tree.async || (tree as FunctionExpression).generator)
    throw new LowerError(
      'LOWER_SYNTAX',
      where,
      'an async function or generator is not a step; write a plain function',
      text,
    )
  const source = { params: tree.params, body: tree.body, text }
  known.set(fn, source)
  return source
}
