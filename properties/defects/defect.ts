/** A known defect: the replacement of a correct part. */
import type { Replacement } from '../../spec/worlds/model.ts'

export interface Defect {
  /** `D1` to `D15` are the prototype's, as docs/protocol.md numbers them; `S9` is seeded for invariant 9. */
  readonly id: string
  /** Says in a sentence what goes wrong. */
  readonly sentence: string
  /** Models that can show it, the quickest first, with the bounds that it needs where the defaults are not enough. */
  readonly shownBy: readonly { readonly model: string; readonly bounds?: Readonly<Record<string, number>> }[]
  readonly replacement: Replacement
}
