/**
 * Which service a key is asked of: its own, below the name of the store, which has the first 64 bits. The next ones are
 * those of a hash of the key (docs/services.md). So a prefix of 66 bits stands for a quarter of the keys, one of 65 for a
 * half.
 */
import { prefixOfId, servicePrefixOf } from '../../impl/host/services/serviceId.ts'

const STORE = 'acme/store'

export const serviceOf = (key: string): string => `${STORE}/${key}`

/** Bits of the hash: quarters, halves, all. */
const LEVELS = [2, 1, 0]

/**
 * What the server of a quarter listens at. Because the longest prefix decides, its half is a matter of the two that share
 * it only where a quarter has nobody, and all keys are anybody's only where a half has nobody.
 */
export const prefixesOf = (quarter: number): string[] =>
  LEVELS.map(bits => prefixOf(quarter >> (2 - bits), bits))

/** The keys whose hash begins as the number `first` of so many bits. */
function prefixOf(first: number, bits: number): string {
  const { id, bits: above } = servicePrefixOf(STORE)
  id[above / 8] = first << (8 - bits)
  return prefixOfId(id, above + bits).text
}
