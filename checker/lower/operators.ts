import type { BinaryOp } from '../ir/ir.ts'

/** JavaScript's operators that the discipline has. `==`, `>>>`, `/` and `**` are not among them: they differ on some numbers. */
const OPERATORS: Readonly<Record<string, BinaryOp>> = {
  '+': '+', '-': '-', '*': '*', '%': '%', '&': '&', '|': '|', '<<': '<<', '>>': '>>',
  '===': '==', '!==': '!=', '<': '<', '<=': '<=', '>': '>', '>=': '>=',
} // biome-ignore format: a table reads better in rows

export const operatorOf = (written: string): BinaryOp | undefined =>
  Object.hasOwn(OPERATORS, written) ? OPERATORS[written] : undefined
