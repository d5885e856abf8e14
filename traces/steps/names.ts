/** Names of a log's lines as numbers: what the machine only copies and compares, and its states. */
import { addressNames, nonceNames } from '../../spec/machines/flow/identifiers.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'

/** The stack's names of nonces, by its numbers. */
export const NONCE = { none: 0, own: 1, peer: 2, other: 3 } as const

const TABLES: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  connection: CONNECTION,
  migration: MIGRATION,
  ...Object.fromEntries([...nonceNames].map(key => [key, NONCE])),
}

/** Addresses get numbers as they come; `none` is 0. */
export class Names {
  readonly #addresses = ['none']
  readonly #numbers = new Map([['none', 0]])

  /** For JSON.parse: a name that is not known stays as it is. */
  readonly revive = (key: string, value: unknown): unknown => {
    if (typeof value !== 'string') return value
    if (addressNames.has(key)) return this.#number(value)
    const table = TABLES[key]
    return table !== undefined && Object.hasOwn(table, value) ? table[value] : value
  }

  /** For JSON.stringify: the names again. */
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
