/** The option `mtu` of a stack. */
import { DEFAULT_MTU, LOCAL_MTU } from '../link/link.ts'
import { socketError } from './errors.ts'

/** Headers of IPv6 and UDP: so a flow may move between IPv4 and IPv6. */
export const HEADERS = 40 + 8
/** The least that every IPv6 path carries (RFC 8200, 5), and the most that an IP packet holds. */
const LEAST_MTU = 1280
const MOST_MTU = 65_535

/**
 * Returns the longest payloads of UDP in IP packets of `mtu` bytes. Without it, packets that stay on this machine may be longer
 * than others. Throws EINVAL.
 */
export function mtusOf(mtu: number | undefined): { readonly mtu: number; readonly localMtu?: number } {
  if (mtu === undefined) return { mtu: DEFAULT_MTU, localMtu: LOCAL_MTU }
  if (Number.isInteger(mtu) && mtu >= LEAST_MTU && mtu <= MOST_MTU) return { mtu: mtu - HEADERS }
  const sentence = `mtu is ${mtu}; give a whole number from ${LEAST_MTU} to ${MOST_MTU}`
  throw socketError('EINVAL', 'open', { sentence })
}
