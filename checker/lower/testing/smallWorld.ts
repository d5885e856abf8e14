/** Worlds for tests that specify only what matters to them. */
import { walk } from '../../search/walk.ts'
import type { Shape, View } from '../value.ts'
import { lowerWorld } from '../world.ts'
import type { WorldSpec } from '../worldSpec.ts'

export const world = <S extends Shape, D extends string = string, A = Readonly<Record<string, number>>>(
  shape: S,
  given: Partial<WorldSpec<S, D, A>>,
) =>
  lowerWorld<S, D, A>({
    ...{ name: 'small', shape, did: [], machines: {}, effects: {}, scope: {}, rules: [], invariants: [] },
    ...{ recoveries: [], witnesses: [], final: () => true, ...given },
  })

export const rule = <W>(take: (w: W) => void) => ({
  name: 'go',
  kind: 'protocol' as const,
  when: () => true,
  take,
})

/** Returns the variables after one step of a world whose only rule runs `take`. */
export function afterwards<S extends Shape>(
  shape: S,
  take: (w: View<S>) => void,
  names: Record<string, unknown> = {},
) {
  const walker = walk(world(shape, { rules: [rule(take)], scope: names }).system)
  return walker.decode(walker.take(walker.initial(), 0).state)
}
