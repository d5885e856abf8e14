/** Carries out the seeker's effects. */
import { seeker } from '../../machines/resolution/compiled.ts'
import type { Beside } from '../flow/scene.ts'
import type { EffectsOf } from '../machines.ts'
import { DID, nextOf, type SeekingWorld, shapeOf } from './state.ts'

export const beside = (): Beside => ({
  shape: shapeOf(),
  did: DID,
  machines: { seeker },
  effects: {
    turn: (w: SeekingWorld): void => {
      w.did.turned = 1
      w.asked = nextOf(w)
    },
    pass: (w: SeekingWorld): void => {
      w.did.passed = 1
    },
    ignore: (w: SeekingWorld): void => {
      w.did.ignored = 1
    },
  } satisfies EffectsOf<'seeker', SeekingWorld, SeekingWorld['seeker']>,
})
