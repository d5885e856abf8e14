/** Mistakes that are planted in the service plane, which simulated runs must find. */
import { ControllerLine } from '../../../impl/controller/controllerLine.ts'
import type { Question } from '../../../impl/controller/messages.ts'
import { Announcer } from '../../../impl/host/rendezvous/announcer.ts'
import type { PlaneRule } from './findings.ts'
import type { VirtualTime } from './virtualTime.ts'

export interface PlaneDefect {
  readonly id: string
  readonly sentence: string
  readonly breaks: readonly PlaneRule[]
  /** Puts the defect in. Returns a function that takes it out. */
  readonly install: (time: VirtualTime) => () => void
}

type Registration = Extract<Question, { readonly type: 'register' }>

/** Drops a host's renewals of a lease (registrations of a version that was sent before) from the moment that `begins` sees. */
function losesRenewals(begins: (line: ControllerLine, question: Registration, before: Registration) => boolean) {
  return () => {
    const { say } = ControllerLine.prototype
    const last = new Map<string, Registration>()
    const broken = new Set<string>()
    ControllerLine.prototype.say = function (question) {
      if (question.type !== 'register') return say.call(this, question)
      const before = last.get(question.instance)
      last.set(question.instance, question)
      if (before !== undefined && begins(this, question, before)) broken.add(question.instance)
      if (broken.has(question.instance) && before?.version === question.version) return
      say.call(this, question)
    }
    return () => {
      ControllerLine.prototype.say = say
    }
  }
}

export const planeDefects: readonly PlaneDefect[] = [
  {
    id: 'S1',
    sentence: 'A host that has changed its weight does not renew its lease any more.',
    breaks: ['resolvable', 'confirmed'],
    install: losesRenewals((_, { weight }, before) => weight !== before.weight),
  },
  {
    id: 'S2',
    sentence: 'A host that has changed its address does not renew its lease any more.',
    breaks: ['resolvable', 'confirmed'],
    install: losesRenewals((_, { address }, before) => address !== before.address),
  },
]

/** Returns the defect with this id; undefined if there is none. */
export const planeDefect = (id: string | undefined): PlaneDefect | undefined =>
  planeDefects.find(known => known.id === id)
void Announcer
