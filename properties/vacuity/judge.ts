/**
 * Judges variants of invariants. A variant is *noticed* if it is broken where the machines are right, or holds where they are wrong and
 * the invariant is broken. A variant that is never noticed shows a condition that no world needs.
 */
import { TrapError } from '../../checker/ir/errors.ts'
import type { System } from '../../checker/ir/ir.ts'
import { explore } from '../../checker/search/explore.ts'
import { missing, type Variant, variantsOf, watching } from './variants.ts'

/** Mebibytes for one search. A mistake can make a small world very large; other worlds judge its variants. */
const [RIGHT_MB, WRONG_MB] = [250, 24]

/** Returns the variants of the system's invariants that `isOpen` accepts. */
export const openIn = ({ invariants }: System, isOpen: (variant: Variant) => boolean): Variant[] =>
  invariants.flatMap(variantsOf).filter(isOpen)

/** Returns the names of the broken witnesses; undefined if the search did not reach every state. */
async function brokenIn(
  system: System,
  variants: readonly Variant[],
  memoryMb: number,
  ids: ReadonlySet<string> = new Set(),
): Promise<ReadonlySet<string> | undefined> {
  const { witnesses, reason } = await explore(watching(system, variants, ids), { memoryMb })
  if (reason !== undefined) return undefined
  return new Set(witnesses.filter(({ depth }) => depth !== null).map(({ name }) => name))
}

/** Returns the variant whose evaluation rejected a value, because the forced condition guards an index. */
const rejecting = (error: unknown, variants: readonly Variant[]): Variant | undefined =>
  error instanceof TrapError
    ? variants.find(({ name }) => error.where.startsWith(`witness ${name} of `))
    : undefined

/** Returns the variants that are broken, or reject a value, where the machines are right. Throws if the world is too large. */
export async function noticedByRight(system: System, variants: readonly Variant[]): Promise<Variant[]> {
  try {
    const broken = await brokenIn(system, variants, RIGHT_MB)
    if (!broken) throw new Error(`${system.name} is too large for a judgement; choose other bounds`)
    return variants.filter(({ name }) => broken.has(name))
  } catch (error) {
    const found = rejecting(error, variants)
    if (!found) throw error
    const others = variants.filter(variant => variant !== found)
    return [found, ...(await noticedByRight(system, others))]
  }
}

/**
 * Returns the variants that hold in a world with a mistake, though their invariants do not. Returns none if the mistake makes the
 * world too large, or makes it reject a value.
 */
export async function noticedByWrong(system: System, variants: readonly Variant[]): Promise<Variant[]> {
  try {
    const broken = await brokenIn(system, variants, WRONG_MB, new Set(variants.map(({ id }) => id)))
    return broken ? missing(variants, broken) : []
  } catch (error) {
    if (!(error instanceof TrapError)) throw error
    return []
  }
}
