import { hash } from 'node:crypto'
import { type Address, portOf, printAddress } from '../link/address.ts'
import { socketError } from './errors.ts'

/** Fewer could be guessed. */
const LEAST_BYTES = 16

/**
 * Returns the secret of the stack at these addresses, from one that several stacks may share. A stack with the secret of
 * another one would tell the reset tokens of its flows. Undefined if no address has a port of its own: after a restart such
 * a stack is elsewhere, and no packet finds it. `kept` returns the shared secret if the stack was given none. Throws EINVAL.
 */
export function secretOf(
  given: Uint8Array | undefined,
  addresses: readonly Address[],
  port: number,
  kept: () => Uint8Array | undefined = () => undefined,
): Uint8Array | undefined {
  const fixed = addresses.filter(address => portOf(address) !== 0).map(printAddress)
  if (addresses.length === 0 && port !== 0) fixed.push(`*:${port}`)
  const shared = given ?? (fixed.length > 0 ? kept() : undefined)
  if (shared === undefined) return undefined
  if (shared.length < LEAST_BYTES) {
    const sentence = `secret has ${shared.length} bytes; give ${LEAST_BYTES} random ones or more`
    throw socketError('EINVAL', 'open', { sentence })
  }
  if (fixed.length === 0) return undefined
  const place = Buffer.from(fixed.sort().join(' '))
  // The secret has its own digest, so that its length cannot be mistaken for a part of the place.
  return hash('sha256', Buffer.concat([hash('sha256', shared, 'buffer'), place]), 'buffer')
}
