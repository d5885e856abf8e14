import type { Expr, Stmt } from '../../spec/lower/ir.ts'
import { bodiesOf, statementsIn, valuesOf } from '../../spec/lower/statement.ts'
import { simplify } from './simplify.ts'
import { eachRead, readsOf, usesOf } from './uses.ts'

/** What is wanted of a rule's body. */
export interface Wanted {
  /** Whether a name is 0 where the body begins and of no use where it ends, unless `cells` has it. */
  readonly isCell: (name: string) => boolean
  readonly cells: ReadonlySet<string>
  readonly coverage: boolean
}

/**
 * `body` without what nobody wants: stores to cells that are not read after, and what is not done because the cells asked
 * for are never stored to. A world tells its invariants much of each step; a search that checks few of them need not.
 */
export function trim(body: readonly Stmt[], wanted: Wanted): readonly Stmt[] {
  const { writes } = usesOf(body)
  let trimmed = fold(body, name =>
    wanted.isCell(name) && !writes.has(name) ? { op: 'number', value: 0 } : undefined,
  )
  // A test that is asked in vain goes with what it decided, and then what it read may be of no use.
  for (
    let [before, now] = [-1, statementsIn(trimmed)];
    before !== now;
    [before, now] = [now, statementsIn(trimmed)]
  )
    trimmed = withoutUnread(trimmed, needed(trimmed, wanted), wanted)
  return trimmed
}

function fold(body: readonly Stmt[], known: (name: string) => Expr | undefined): readonly Stmt[] {
  return body.flatMap((stmt): readonly Stmt[] => {
    switch (stmt.do) {
      case 'set':
        return [{ ...stmt, value: simplify(stmt.value, known) }]
      case 'if': {
        const test = simplify(stmt.test, known)
        if (test.op === 'number') return fold(test.value === 0 ? stmt.no : stmt.yes, known)
        return [{ do: 'if', test, yes: fold(stmt.yes, known), no: fold(stmt.no, known) }]
      }
      case 'switch': {
        const cases = stmt.cases.map(({ value, body }) => ({ value, body: fold(body, known) }))
        return [{ do: 'switch', on: simplify(stmt.on, known), cases, otherwise: fold(stmt.otherwise, known) }]
      }
      default:
        return [stmt]
    }
  })
}

/** The cells that are read where it matters: in what decides, or in what is stored to something that is needed. */
function needed(body: readonly Stmt[], { isCell, cells }: Wanted): ReadonlySet<string> {
  const found = new Set(cells)
  const sources = new Map<string, Set<string>>()
  const visit = (list: readonly Stmt[]): void => {
    for (const stmt of list) {
      if (stmt.do === 'set' && isCell(stmt.name)) {
        const reads = sources.get(stmt.name) ?? new Set()
        sources.set(stmt.name, reads)
        eachRead(stmt.value, name => reads.add(name))
      } else for (const name of readsOf(...valuesOf(stmt))) found.add(name)
      for (const inner of bodiesOf(stmt)) visit(inner)
    }
  }
  visit(body)
  // What is added to a set while it is gone through is gone through too.
  for (const name of found) for (const source of sources.get(name) ?? []) found.add(source)
  return found
}

function withoutUnread(body: readonly Stmt[], needed: ReadonlySet<string>, wanted: Wanted): readonly Stmt[] {
  const within = (list: readonly Stmt[]) => withoutUnread(list, needed, wanted)
  return body.flatMap((stmt): readonly Stmt[] => {
    switch (stmt.do) {
      case 'set':
        return wanted.isCell(stmt.name) && !needed.has(stmt.name) ? [] : [stmt]
      case 'cover':
        return wanted.coverage ? [stmt] : []
      case 'if': {
        const [yes, no] = [within(stmt.yes), within(stmt.no)]
        return yes.length + no.length === 0 ? [] : [{ ...stmt, yes, no }]
      }
      case 'switch': {
        const otherwise = within(stmt.otherwise)
        const cases = stmt.cases.map(({ value, body }) => ({ value, body: within(body) }))
        const isEmpty = otherwise.length === 0 && cases.every(({ body }) => body.length === 0)
        return isEmpty ? [] : [{ ...stmt, cases, otherwise }]
      }
      default:
        return [stmt]
    }
  })
}
