/** Rejects stores of `true` and `false`: registers and parameters hold numbers. */
import type * as acorn from 'acorn'
import { LowerError } from './errors.ts'
import { isCallable, type Node, sourceOf } from './source.ts'

const COMPARISONS: ReadonlySet<string> = new Set(['===', '!==', '<', '<=', '>', '>='])

const isFound = (part: Node | undefined): boolean => part !== undefined

/**
 * Checks what a register or an effect gets: a value, a record of values, or a function that makes one. Throws
 * LOWER_TYPE.
 */
export function assertNoTruth(given: unknown, where: string): void {
  const reject = (source: string) =>
    new LowerError('LOWER_TYPE', where, 'a number is stored, not true or false; write test ? 1 : 0', source)
  if (typeof given === 'boolean') throw reject(String(given))
  if (isCallable(given)) {
    const { body, text } = sourceOf(given, where)
    const part = truthIn(body)
    if (part) throw reject(text.slice(part.start, part.end))
  } else if (typeof given === 'object' && given !== null)
    for (const part of Object.values(given)) assertNoTruth(part, where)
}

/**
 * Returns a part of `node`, an expression or a function's body, that is true or false and may be its value.
 */
function truthIn(node: Node): Node | undefined {
  const part = node as acorn.AnyNode
  switch (part.type) {
    case 'Literal':
      return typeof part.value === 'boolean' ? part : undefined
    case 'UnaryExpression':
      return part.operator === '!' ? part : undefined
    case 'BinaryExpression':
      return COMPARISONS.has(part.operator) ? part : undefined
    case 'LogicalExpression':
      return truthIn(part.left) ?? truthIn(part.right)
    case 'ConditionalExpression':
      return truthIn(part.consequent) ?? truthIn(part.alternate)
    case 'ObjectExpression':
      return part.properties.map(p => truthIn(p.type === 'Property' ? p.value : p.argument)).find(isFound)
    case 'BlockStatement':
      return part.body.map(truthIn).find(isFound)
    case 'IfStatement':
      return truthIn(part.consequent) ?? (part.alternate ? truthIn(part.alternate) : undefined)
    case 'ReturnStatement':
      return part.argument ? truthIn(part.argument) : undefined
    default:
      return undefined
  }
}
