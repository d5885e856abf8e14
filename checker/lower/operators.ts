import type { BinaryOp } from '../ir/ir.ts'

/**
 * JavaScript's operators in the discipline. `==`, `>>>`, `/` and `**` are not among them: they differ on some
 * numbers.
 */
const OPERATORS: Readonly<Record<string, BinaryOp>> = {
  '+': '+', '-': '-', '*': '*', '%': '%', '&': '&', '|': '|', '<<': '<<', '>>': '>>',
  '===': '==', '!==': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=',
} // biome-ignore format: a table reads better in rows

export const operatorOf = (written: string): BinaryOp | undefined =>
  Object.hasOwn(OPERATORS, written) ? OPERATORS[written] : undefined
