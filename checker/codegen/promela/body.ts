import { mayTrap } from '../../ir/expression.ts'
import type { Expr, Stmt } from '../../ir/ir.ts'
import { valuesOf } from '../../ir/statement.ts'
import { trapOf } from '../../ir/traps.ts'
import type { PromelaCells } from './cells.ts'

/** Returns the lines of one statement, without the semicolon that may follow it. */
export type Statement = readonly string[]

/** SPIN gives up on a `d_step` of 2048 steps (its MAXDSTEP); some are left for the guard and the asserts. */
const MOST_STEPS = 1900
/** SPIN gives up on a `c_code` of about 128 KB of text; this leaves room for the indentation. */
const MOST_C = 32_000

/**
 * How to print the statements of a rule: as Promela where SPIN's limits allow it, or always as embedded C.
 */
export type Bodies = 'promela' | 'c'

/** Prints a body in Promela or, if SPIN could not hold that, as C in blocks that fit SPIN's limits. */
export function promelaBody(body: readonly Stmt[], cells: PromelaCells, bodies: Bodies): Statement[] {
  if (bodies === 'c') return withC(body, cells)
  const inPromela = inPurePromela(body, cells)
  return stepsOf(sequence(inPromela)) <= MOST_STEPS ? inPromela : withC(body, cells)
}

function inPurePromela(body: readonly Stmt[], cells: PromelaCells): Statement[] {
  return body.flatMap(stmt => promelaStatement(stmt, cells, one => inPurePromela(one, cells)))
}

/** A condition that must not hold where a statement is executed. */
function trapsOf(stmt: Stmt): Expr[] {
  return valuesOf(stmt).filter(mayTrap).map(trapOf)
}

/** Joins the lines of all statements with semicolons. */
export function sequence(statements: readonly Statement[]): string[] {
  const last = statements.length - 1
  return statements.flatMap((lines, i) => (i === last ? lines : [...lines.slice(0, -1), `${lines.at(-1)};`]))
}

/**
 * Gathers statements into blocks of C. A statement that is too long for one block becomes Promela around
 * shorter blocks.
 */
function withC(body: readonly Stmt[], cells: PromelaCells): Statement[] {
  const result: Statement[] = []
  let block: string[] = []
  let size = 0
  const close = () => {
    if (block.length > 0) result.push(['c_code {', ...indented(block), '}'])
    block = []
    size = 0
  }
  for (const stmt of body) {
    const lines = cStatement(stmt, cells)
    const added = lines.join('\n').length
    if (size + added > MOST_C) close()
    if (added > MOST_C) result.push(...promelaStatement(stmt, cells, one => withC(one, cells)))
    else {
      block.push(...lines)
      size += added
    }
  }
  close()
  return result
}

/**
 * Returns how many steps SPIN counts in printed lines: one for each line, and one behind the arrow of each
 * option.
 */
function stepsOf(lines: readonly string[]): number {
  return lines.length + lines.filter(line => /^ *::.*-> \S/.test(line)).length
}

function promelaStatement(
  stmt: Stmt,
  cells: PromelaCells,
  print: (body: readonly Stmt[]) => Statement[],
): Statement[] {
  const asserts = trapsOf(stmt).map(trap => [`assert(!(${cells.promela(trap)}))`])
  return [...asserts, ...plainStatement(stmt, cells, print)]
}

function plainStatement(
  stmt: Stmt,
  cells: PromelaCells,
  print: (body: readonly Stmt[]) => Statement[],
): Statement[] {
  switch (stmt.do) {
    case 'set':
      return [[`${cells.name(stmt.name)} = ${cells.promela(stmt.value)}`]]
    case 'if': {
      const [yes, no] = [print(stmt.yes), print(stmt.no)]
      if (yes.length === 0 && no.length === 0) return []
      return [['if', ...option(cells.promela(stmt.test), yes), ...option('else', no), 'fi']]
    }
    case 'switch': {
      const otherwise = print(stmt.otherwise)
      if (stmt.cases.length === 0) return otherwise
      const plain = stmt.on.op === 'get'
      const value = plain ? cells.promela(stmt.on) : cells.switched
      const options = stmt.cases.map(one => option(`${value} == ${one.value}`, print(one.body)))
      const choice = ['if', ...options.flat(), ...option('else', otherwise), 'fi']
      return plain ? [choice] : [[`${value} = ${cells.promela(stmt.on)}`], choice]
    }
    // A rule of a closed world emits nothing: the printer has rejected all others.
    case 'emit':
    case 'cover':
      return []
  }
}

/** One option of an `if`. */
function option(test: string, body: readonly Statement[]): string[] {
  const lines = body.length > 0 ? sequence(body) : ['skip']
  if (lines.length === 1) return [`:: ${test} -> ${lines[0]}`]
  return [`:: ${test} ->`, ...lines.map(line => `   ${line}`)]
}

function cStatement(stmt: Stmt, cells: PromelaCells): string[] {
  const asserts = trapsOf(stmt).map(trap => `if (${cells.c(trap)}) uerror("a value is rejected");`)
  return [...asserts, ...plainCStatement(stmt, cells)]
}

function plainCStatement(stmt: Stmt, cells: PromelaCells): string[] {
  const print = (body: readonly Stmt[]) => indented(body.flatMap(one => cStatement(one, cells)))
  switch (stmt.do) {
    case 'set':
      return [`${cells.place(stmt.name)} = ${cells.c(stmt.value)};`]
    case 'if': {
      const [yes, no] = [print(stmt.yes), print(stmt.no)]
      if (yes.length === 0 && no.length === 0) return []
      return [`if (${cells.c(stmt.test)}) {`, ...yes, ...(no.length > 0 ? ['} else {', ...no] : []), '}']
    }
    case 'switch': {
      const cases = stmt.cases.flatMap(({ value, body }) => [`case ${value}:`, ...print(body), '  break;'])
      return [
        `switch (${cells.c(stmt.on)}) {`,
        ...cases,
        'default:',
        ...print(stmt.otherwise),
        '  break;',
        '}',
      ]
    }
    case 'emit':
    case 'cover':
      return []
  }
}

function indented(lines: readonly string[]): string[] {
  return lines.map(line => `  ${line}`)
}
