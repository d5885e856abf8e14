/** The models, in the order in which they are listed. */
import type { Model } from './model.ts'
import { twoParty } from './two-party.ts'

export const models: readonly Model[] = [twoParty]
