/** How long programs get. Loops and calls are written out in full, so a short text can stand for a very long program. */
import type { Expr, Stmt } from '../ir/ir.ts'
import { valuesOf } from '../ir/statement.ts'

/**
 * Expressions of the sources that lowering reads for one world, or for one event of a machine, each time that a loop or a
 * call comes there; what is remembered is not read again. The largest world of SAL reads 0.16 million. These take some ten
 * seconds.
 */
const MOST_READ = 2 ** 22

/**
 * Nodes that it writes, of statements and predicates. The largest world of SAL has 0.9 million, and more than two times that
 * with the probes of its mutants. These take some ten seconds.
 */
const MOST_WRITTEN = 2 ** 22

/** Expressions with more nodes are counted only once. Those with fewer are counted faster than they are found. */
const FEW = 8

const known = new WeakMap<Expr, number>()

/** Returns the nodes of `e` as they are printed: a part that two others share counts twice. */
export function nodesIn(e: Expr): number {
  if (e.op === 'number' || e.op === 'get') return 1
  const counted = known.get(e)
  if (counted !== undefined) return counted
  const nodes = 1 + nodesInParts(e)
  if (nodes > FEW) known.set(e, nodes)
  return nodes
}

function nodesInParts(e: Exclude<Expr, { op: 'number' | 'get' }>): number {
  switch (e.op) {
    case '!':
    case 'check':
    case 'note':
      return nodesIn(e.of)
    case '?':
      return nodesIn(e.test) + nodesIn(e.yes) + nodesIn(e.no)
    default:
      return nodesIn(e.left) + nodesIn(e.right)
  }
}

/** Counts what one world, or one event of a machine, has taken. */
export class Size {
  #read = 0
  #written = 0

  get isOver(): boolean {
    return this.#read > MOST_READ || this.#written > MOST_WRITTEN
  }

  /** Counts an expression of a source. */
  read(): void {
    this.#read++
  }

  get written(): number {
    return this.#written
  }

  /** Counts `nodes` that stand once more. */
  writeAgain(nodes: number): void {
    this.#written += nodes
  }

  write(stmt: Stmt): void {
    this.#written += 1
    for (const value of valuesOf(stmt)) this.writeExpression(value)
  }

  writeExpression(e: Expr): void {
    this.#written += nodesIn(e)
  }
}

/** Whether `e` alone is longer than a whole world may be. Sharing its parts, lowering reads little for it. */
export const isTooLong = (e: Expr): boolean => nodesIn(e) > MOST_WRITTEN
