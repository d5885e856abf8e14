/**
 * Instruments functions to throw where the discipline rejects a value: an index outside of its list, a
 * remainder by 0, a number beyond 2^53. Plain JavaScript would go on with undefined, NaN or a rounded number.
 */
import * as acorn from 'acorn'

export type RejectionKind = 'index' | 'remainder' | 'exact' | 'store'

export class Rejection extends Error {
  readonly kind: RejectionKind
  constructor(kind: RejectionKind) {
    super(kind)
    this.kind = kind
  }
}

const reject = (kind: RejectionKind): never => {
  throw new Rejection(kind)
}

/** The functions that instrumented code calls. */
export const helpers = {
  $at: (list: unknown[], index: number) =>
    index >= 0 && index < list.length ? list[index] : reject('index'),
  $put: (list: unknown[], index: number, value: unknown) => {
    if (!(index >= 0 && index < list.length)) reject('index')
    list[index] = value
  },
  $num: (value: number) => (Number.isSafeInteger(value) ? value : reject('exact')),
  $rem: (left: number, right: number) => (right === 0 ? reject('remainder') : left % right),
}

/** Returns the text of a function, instrumented. */
export function instrument(text: string): string {
  const tree = acorn.parseExpressionAt(text, 0, { ecmaVersion: 2024 })
  return print(tree, text)
}

/** Returns the text of `node`, with its inner nodes printed anew. */
function print(node: acorn.Node, text: string): string {
  const inner = (part: acorn.Node) => print(part, text)
  const one = node as acorn.AnyNode
  if (one.type === 'BinaryExpression' && '+-*%'.includes(one.operator)) {
    const [left, right] = [inner(one.left), inner(one.right)]
    return one.operator === '%' ? `$rem(${left}, ${right})` : `$num((${left}) ${one.operator} (${right}))`
  }
  if (one.type === 'MemberExpression' && one.computed)
    return `$at(${inner(one.object)}, ${inner(one.property)})`
  if (one.type === 'AssignmentExpression' && one.left.type === 'MemberExpression' && one.left.computed)
    return `$put(${inner(one.left.object)}, ${inner(one.left.property)}, ${inner(one.right)})`
  const parts = childrenOf(node).sort((a, b) => a.start - b.start)
  let [at, made] = [node.start, '']
  for (const part of parts) {
    made += text.slice(at, part.start) + inner(part)
    at = part.end
  }
  return made + text.slice(at, node.end)
}

function childrenOf(node: acorn.Node): acorn.Node[] {
  return Object.entries(node).flatMap(([key, value]) => {
    if (key === 'key') return []
    return (Array.isArray(value) ? value : [value]).filter(
      (one): one is acorn.Node => typeof one === 'object' && one !== null && typeof one.type === 'string',
    )
  })
}
