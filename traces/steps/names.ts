/** Converts names in a log to numbers and back: states, and values that the machine only copies and compares. */
import { addressNames, nonceNames } from '../../spec/machines/flow/identifiers.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'

/** The names of nonces in the log, and their numbers. */
export const NONCE = { none: 0, own: 1, peer: 2, other: 3, token: 4 } as const

const TABLES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  connection: CONNECTION,
  migration: MIGRATION,
  ...Object.fromEntries([...nonceNames].map(key => [key, NONCE])),
}

/** Numbers addresses in the order of their first use; `none` is 0. */
export class Names {
  readonly #addresses = ['none']
  readonly #numbers = new Map([['none', 0]])

  /** A reviver for JSON.parse. It leaves unknown names as they are. */
  readonly revive = (key: string, value: unknown): unknown => {
    if (typeof value !== 'string') return value
    if (addressNames.has(key)) return this.#number(value)
    const table = TABLES[key]
    return table !== undefined && Object.hasOwn(table, value) ? table[value] : value
  }

  /** A replacer for JSON.stringify, which restores the names. */
  readonly print = (key: string, value: unknown): unknown => {
    if (typeof value !== 'number') return value
    if (addressNames.has(key)) return this.#addresses[value]
    const table = TABLES[key]
    return table === undefined ? value : (Object.keys(table)[value] ?? value)
  }

  #number(text: string): number {
    const known = this.#numbers.get(text)
    if (known !== undefined) return known
    this.#numbers.set(text, this.#addresses.length)
    return this.#addresses.push(text) - 1
  }
}
