import type { Expr, Rule, System } from '../ir/ir.ts'

/** Variables that leave little room in their words, so that those of the system are spread over the words. */
const PADS = [0, 1, 2, 3]
const PAD_BITS = 28

const get = (name: string): Expr => ({ op: 'get', name })
const number = (value: number): Expr => ({ op: 'number', value })

/**
 * Returns the system with states of several words, which the search stores as codes. Every rule also changes a word of its
 * own: some words go back and forth, and others change once.
 */
export function spread(system: System): System {
  const changed = (rule: Rule, index: number): Rule => {
    const pad = index % PADS.length
    const value: Expr = pad % 2 === 0 ? { op: '-', left: number(1), right: get(`pad${pad}`) } : number(1)
    return { ...rule, body: [...rule.body, { do: 'set', name: `pad${pad}`, value }] }
  }
  const pads = PADS.map(pad => ({ name: `pad${pad}`, bits: PAD_BITS, initial: 0 }))
  return { ...system, variables: [...system.variables, ...pads], rules: system.rules.map(changed) }
}
