/** Who has which keys: rules that an operator gives to the controller, which tells the routers. */
import type { Plane } from '../plane.ts'
import { prefixOf } from './partitions.ts'
import type { StoreServer } from './server.ts'

/** Of the hash: quarters, halves, all. */
const LEVELS = [2, 1, 0]

/**
 * The server answers for its quarter. Because the longest prefix decides, its half is a matter of the two that share it
 * only where a quarter has nobody, and all keys are anybody's only where a half has nobody.
 */
const rulesOf = (server: StoreServer, quarter: number) =>
  LEVELS.map(bits => ({
    ...{ prefix: prefixOf(quarter >> (2 - bits), bits), kind: 'forward' as const },
    ...{ address: server.address, priority: 1, weight: 1 },
  }))

/** Resolves when the router knows. */
export async function add(plane: Plane, server: StoreServer, quarter: number): Promise<void> {
  for (const rule of rulesOf(server, quarter)) {
    await plane.controller.ledger.addRule(rule)
    await plane.routed(rule, true)
  }
}

/** Resolves when the router leads nobody there any more. */
export async function remove(plane: Plane, server: StoreServer, quarter: number): Promise<void> {
  for (const rule of rulesOf(server, quarter)) {
    await plane.controller.ledger.removeRule(rule)
    await plane.routed(rule, false)
  }
}
