/** Carries out the machines' effects in a world of leases, and what controllers write and read. */
import { at } from '../../../checker/text/at.ts'
import { REGISTRAR } from '../../machines/registration/states.ts'
import { type EffectsOf, step } from '../machines.ts'
import { ADDRESS, DEAD_NAME, type Keeper, type KeepingWorld, LEASE, OFF, VERSION } from './state.ts'

export const keepingEffects = {
  store: (_w: KeepingWorld, self: Keeper): void => {
    self.writing = 1
  },
  confirm: (): void => {},
  lease: (w: KeepingWorld): void => {
    w.did.leased = 1
  },
  keep: (): void => {},
  reject: (): void => {},
  deny: (): void => {},
  stale: (): void => {},
  extend: (_w: KeepingWorld, self: Keeper): void => {
    self.age = 0
  },
  announce: (_w: KeepingWorld, self: Keeper): void => {
    self.telling = self.linked
  },
  restore: (_w: KeepingWorld, self: Keeper): void => {
    self.restoring = 1
  },
  hold: (_w: KeepingWorld, self: Keeper): void => {
    self.age = LEASE - 1
  },
  expire: (w: KeepingWorld): void => {
    w.did.expired = 1
  },
} satisfies EffectsOf<'registrar', KeepingWorld, Keeper> & EffectsOf<'keeper', KeepingWorld, Keeper>

/** The registry accepts a change only of its newest revision, and a lost record only if it has none. */
export const mayReplace = (w: KeepingWorld, c: number): boolean =>
  at(w.live, c).lost === 1 ? w.stored.registrar === REGISTRAR.ABSENT : at(w.live, c).fresh === 1

/** The controller `c` has a record, and the lease with it. */
export const loaded = (w: KeepingWorld, c: number): void =>
  step('keeper', at(w.live, c), 'LOADED', { own: at(w.live, c).names === c + 1 ? 1 : 0 })

/** The controller `c` reads the registry, and drops what it was about to write. */
export const read = (w: KeepingWorld, c: number): void => {
  if (at(w.live, c).names !== w.stored.names) at(w.live, c).quiet = 0
  at(w.live, c).known = w.stored.known
  at(w.live, c).address = w.stored.address
  at(w.live, c).registrar = w.stored.registrar
  at(w.live, c).names = w.stored.names
  at(w.live, c).fresh = 1
  at(w.live, c).lost = 0
  at(w.live, c).writing = 0
  at(w.live, c).telling = 0
  at(w.live, c).restoring = 0
  loaded(w, c)
}

/** The registry has taken the copy of `c`. */
export const put = (w: KeepingWorld, c: number): void => {
  w.stored.known = at(w.live, c).known
  w.stored.address = at(w.live, c).address
  w.stored.registrar = at(w.live, c).registrar
  w.stored.names = at(w.live, c).names
  at(w.live, 1 - c).fresh = 0
  at(w.live, c).fresh = 1
  at(w.live, c).lost = 0
  at(w.live, c).writing = 0
  at(w.live, c).telling = 0
  at(w.live, c).restoring = 0
}

/** A record that `c` writes names `c`; one that it restores names the keeper that it had. */
export const write = (w: KeepingWorld, c: number): void => {
  const isStored = at(w.live, c).writing
  if (at(w.live, c).restoring === 0) at(w.live, c).names = c + 1
  put(w, c)
  loaded(w, c)
  if (isStored === 1) step('registrar', at(w.live, c), 'STORED')
}

/** The host renews at the controller `c`. */
export const renew = (w: KeepingWorld, c: number): void => {
  w.host.renewed = 1
  step('registrar', at(w.live, c), 'REGISTER', { version: VERSION, address: ADDRESS, allowed: 1 })
  if (w.did.leased === 1) step('keeper', at(w.live, c), 'RENEWED', { changed: w.signed })
}

/** The host turns from the controller `c` to the other, and registers there at once. */
export const turn = (w: KeepingWorld, c: number): void => {
  w.host.at = 1 - c
  w.host.renewed = 0
}

/** The lease has run out at `c`. */
export const due = (w: KeepingWorld, c: number): void => {
  // The timer is off until the machine sets it again.
  at(w.live, c).age = OFF
  step('keeper', at(w.live, c), 'DUE', {
    able: at(w.live, c).linked,
    // A record with a certificate says itself how long it lasts.
    silent: w.signed === 1 || at(w.live, c).quiet === LEASE ? 1 : 0,
  })
  if (w.did.expired === 1) step('registrar', at(w.live, c), 'EXPIRE')
}

/** `c` reaches the registry again. */
export const reach = (w: KeepingWorld, c: number): void => {
  at(w.live, c).linked = 1
  if (at(w.live, c).registrar === REGISTRAR.BOUND || at(w.live, c).registrar === REGISTRAR.EVICTED)
    step('keeper', at(w.live, c), 'RETURNED', { lost: at(w.live, c).lost })
}

/** The memory of `c` ends. Its name will not come back. Its host will register again, wherever it finds a controller. */
export const kill = (w: KeepingWorld, c: number): void => {
  if (w.host.at === c) w.host.renewed = 0
  at(w.live, c).up = 0
  at(w.live, c).linked = 0
  at(w.live, c).known = 0
  at(w.live, c).address = 0
  at(w.live, c).registrar = REGISTRAR.ABSENT
  at(w.live, c).keeper = 0
  at(w.live, c).names = DEAD_NAME
  at(w.live, c).fresh = 0
  at(w.live, c).lost = 0
  at(w.live, c).writing = 0
  at(w.live, c).telling = 0
  at(w.live, c).restoring = 0
  at(w.live, c).age = 0
  at(w.live, c).quiet = 0
  if (w.stored.names === c + 1) w.stored.names = DEAD_NAME
  if (at(w.live, 1 - c).names === c + 1) at(w.live, 1 - c).names = DEAD_NAME
}

/** The registry has lost its data. */
export const lose = (w: KeepingWorld): void => {
  w.stored.known = 0
  w.stored.address = 0
  w.stored.registrar = REGISTRAR.ABSENT
  w.stored.names = DEAD_NAME
  for (let c = 0; c < w.live.length; c++) {
    at(w.live, c).lost = at(w.live, c).registrar === REGISTRAR.ABSENT ? 0 : 1
    at(w.live, c).fresh = 1
  }
}

/** Time passes. Controllers that reach the registry hear each other. */
export const pass = (w: KeepingWorld, c: number): void => {
  const isHeard = at(w.live, c).names === 2 - c && at(w.live, 0).linked === 1 && at(w.live, 1).linked === 1
  if (at(w.live, c).registrar === REGISTRAR.BOUND) {
    if (at(w.live, c).age < LEASE) at(w.live, c).age = at(w.live, c).age + 1
    if (isHeard) at(w.live, c).quiet = 0
    else if (at(w.live, c).quiet < LEASE) at(w.live, c).quiet = at(w.live, c).quiet + 1
  }
}
