/** Mistakes that are planted in the service plane, which simulated runs must find. */
import { ControllerLine } from '../../../impl/controller/controllerLine.ts'
import { Keepers } from '../../../impl/controller/keepers.ts'
import type { Question } from '../../../impl/controller/messages.ts'
import { Registrations } from '../../../impl/controller/registrations.ts'
import { type Renewable, Renewals } from '../../../impl/controller/renewals.ts'
import { Announcer } from '../../../impl/host/rendezvous/announcer.ts'
import type { PlaneRule } from './rules.ts'

export interface PlaneDefect {
  readonly id: string
  readonly sentence: string
  readonly breaks: readonly PlaneRule[]
  /** Puts the defect in. Returns a function that takes it out. */
  readonly install: () => () => void
}

type Registration = Extract<Question, { readonly type: 'register' }>

/**
 * Drops a host's renewals of a lease from the moment that `begins` sees: by ticket, or registrations of a version that it has sent on
 * this connection. `sessions` counts connections.
 */
function losesRenewals(begins: (said: Registration, before: Registration, sessions: number) => boolean) {
  return () => {
    const { say } = ControllerLine.prototype
    const { add } = Renewals.prototype
    const sessions = new WeakMap<ControllerLine, number>()
    const last = new Map<string, Registration>()
    const sent = new Map<string, number>()
    const broken = new Set<string>()
    ControllerLine.prototype.say = function (question) {
      if (question.type === 'hello') sessions.set(this, (sessions.get(this) ?? 0) + 1)
      if (question.type !== 'register') return say.call(this, question)
      const { instance, version } = question
      const session = sessions.get(this) ?? 0
      const before = last.get(instance) ?? question
      last.set(instance, question)
      if (begins(question, before, session)) broken.add(instance)
      const isRenewal = before.version === version && sent.get(instance) === session
      sent.set(instance, session)
      if (!isRenewal || !broken.has(instance)) say.call(this, question)
    }
    Renewals.prototype.add = function (one: Renewable & { readonly instance?: string }) {
      if (!broken.has(one.instance ?? '')) add.call(this, one)
    }
    return () => {
      ControllerLine.prototype.say = say
      Renewals.prototype.add = add
    }
  }
}

/** The rendezvous hears of a move, and never again. */
function forgetsRendezvous(): () => void {
  const { follow, poll } = Announcer.prototype
  const timeout = Object.getOwnPropertyDescriptor(Announcer.prototype, 'nextTimeout')?.value as () => number
  const moved = new WeakSet<Announcer>()
  Announcer.prototype.follow = function (now) {
    const wasKnown = this.isKnown
    follow.call(this, now)
    if (wasKnown && !this.isKnown) moved.add(this)
  }
  Announcer.prototype.poll = function (now) {
    if (!moved.has(this) || !this.isKnown) poll.call(this, now)
  }
  Announcer.prototype.nextTimeout = function () {
    return moved.has(this) && this.isKnown ? Infinity : timeout.call(this)
  }
  return () => Object.assign(Announcer.prototype, { follow, poll, nextTimeout: timeout })
}

/** Leases go on as if other controllers could have stored renewals during an outage. */
function keepsLeases(): () => void {
  const { restart } = Registrations.prototype
  Registrations.prototype.restart = () => {}
  return () => {
    Registrations.prototype.restart = restart
  }
}

/** The signs of life of other controllers are lost. */
function hearsNobody(): () => void {
  const { holdsUntil } = Keepers.prototype
  Keepers.prototype.holdsUntil = () => -Infinity
  return () => {
    Keepers.prototype.holdsUntil = holdsUntil
  }
}

/** A controller does not understand the evictions that it reads in the registry. */
function ignoresEvictions(): () => void {
  const { seen } = Registrations.prototype
  Registrations.prototype.seen = function (key, record, revision, now) {
    seen.call(this, key, record?.state === 'evicted' ? { ...record, state: 'bound' } : record, revision, now)
  }
  return () => {
    Registrations.prototype.seen = seen
  }
}

export const planeDefects: readonly PlaneDefect[] = [
  {
    id: 'P1',
    sentence: 'A host that has changed its weight does not renew its lease any more.',
    breaks: ['resolvable', 'confirmed', 'reached'],
    install: losesRenewals(({ weight }, before) => weight !== before.weight),
  },
  {
    id: 'P2',
    sentence: 'A host that has changed its address does not renew its lease any more.',
    breaks: ['resolvable', 'confirmed', 'reached'],
    install: losesRenewals(({ address }, before) => address !== before.address),
  },
  {
    id: 'P3',
    sentence: 'A host whose controller has returned registers, and does not renew its lease any more.',
    breaks: ['resolvable', 'confirmed', 'reached'],
    install: losesRenewals((_, __, sessions) => sessions > 1),
  },
  {
    id: 'P4',
    sentence: 'A host that has moved does not renew its lease at the rendezvous any more.',
    breaks: ['met'],
    install: forgetsRendezvous,
  },
  {
    id: 'P5',
    sentence: 'Leases do not start over when a registry returns, or a controller continues.',
    breaks: ['resolvable', 'confirmed', 'reached'],
    install: keepsLeases,
  },
  {
    id: 'P6',
    sentence:
      'A controller does not tell the others that it lives, so that they end the leases that it keeps.',
    breaks: ['resolvable', 'confirmed', 'reached'],
    install: hearsNobody,
  },
  {
    id: 'P7',
    sentence: 'A controller takes an instance that another has evicted for registered.',
    breaks: ['evicted', 'reached'],
    install: ignoresEvictions,
  },
]

/** Returns the defect with this id, in any case; undefined if there is none. */
export const planeDefect = (id: string | undefined): PlaneDefect | undefined =>
  planeDefects.find(known => known.id === id?.toUpperCase())
