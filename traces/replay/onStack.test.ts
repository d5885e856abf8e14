import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import { decode } from '../../checker/trace/decode.ts'
import { Host } from '../../impl/host/host.ts'
import { Rendezvous } from '../../impl/host/rendezvous/rendezvous.ts'
import { isFlowModel } from '../../spec/worlds/flow/scene.ts'
import { models } from '../../spec/worlds/index.ts'
import type { SalSetting } from '../catalogue.ts'
import type { Difference } from './compare.ts'
import { Lockstep, UNPLAYED } from './lockstep.ts'
import { replayOnStack, soundSetting } from './onStack.ts'

const corpus = new URL('../corpus/', import.meta.url)
const read = (name: string) => decode(readFileSync(new URL(name, corpus), 'utf8'))
const played = new Set(models.filter(isFlowModel).map(({ name }) => name))
for (const name of UNPLAYED.keys()) played.delete(name)
const files = readdirSync(corpus).filter(name => name.endsWith('.json') && played.has(read(name).model))

/** Settings by model and bounds: lowering a world takes tenths of a second, and many traces share one. */
const settings = new Map<string, SalSetting>()
const remembered: typeof soundSetting = trace => {
  const key = JSON.stringify([trace.model, trace.bounds])
  if (!settings.has(key)) settings.set(key, soundSetting(trace))
  return must(settings.get(key))
}

describe.each(files)('%s', SLOW, name => {
  test('gives the same steps on the stack as in the model', () => {
    const trace = read(name)
    const { outcome, at, steps, recorded } = replayOnStack(trace, remembered)
    expect(trace.defect === undefined ? ['same'] : ['same', 'defect'], JSON.stringify(at)).toContain(outcome)
    // The stack takes all steps up to the one at which the defect shows; it cannot take one that only the defect allows.
    const untaken = at?.difference.part === 'choice' ? 1 : 0
    expect(steps).toBe(outcome === 'same' ? recorded : must(at).step - untaken)
  })
})

describe('replay detects a stack that differs', SLOW, () => {
  const found = (spoil: (host: Host) => void, name = 'move-and-close.json'): Difference | undefined => {
    const { setAddresses } = Host.prototype
    // The cast sets the addresses of each host that it creates.
    Host.prototype.setAddresses = function (addresses) {
      setAddresses.call(this, addresses)
      spoil(this)
    }
    try {
      return replayOnStack(read(name), remembered).at?.difference
    } finally {
      Host.prototype.setAddresses = setAddresses
    }
  }

  test('in the packets that it sends', () => {
    const difference = found(({ packets }) => {
      const control = packets.control.bind(packets)
      packets.control = (sent, ...rest) => control({ ...sent, ackno: must(sent.ackno) ^ 1 }, ...rest)
    })
    expect(difference?.part).toBe('sent')
  })

  test('in where its rendezvous relays packets', () => {
    const difference = found(({ packets }) => {
      const forward = packets.forward.bind(packets)
      packets.forward = (frame, origin, to, _next, leaving) => forward(frame, origin, to, to, leaving)
    }, 'both-addresses-dead.json')
    expect(difference?.part).toBe('sent')
  })

  test('in a rendezvous that keeps expired leases', () => {
    const { poll } = Rendezvous.prototype
    Rendezvous.prototype.poll = () => {}
    try {
      const lockstep = new Lockstep(remembered(read('both-addresses-dead.json')))
      const lapse = must(lockstep.choices().find(({ label }) => label === 'the lease of the server ends'))
      expect(lockstep.take(lapse).difference?.part).toBe('rendezvous[1].rendezvous')
    } finally {
      Rendezvous.prototype.poll = poll
    }
  })

  test('in a timer that does not run', () => {
    const { migrate } = Host.prototype
    const trace = read('lost-move.json')
    Host.prototype.migrate = function (flow, ...rest) {
      migrate.call(this, flow, ...rest)
      flow.timeoutAt = Number.POSITIVE_INFINITY
    }
    try {
      const { outcome, at } = replayOnStack(trace, remembered)
      expect([outcome, at?.difference.part]).toEqual(['different', 'timer'])
    } finally {
      Host.prototype.migrate = migrate
    }
  })

  test('in a register', () => {
    const difference = found(host => {
      host.observer = flow => {
        if (flow.migration !== 0) flow.state.credit = 1
      }
    })
    expect(difference?.part).toMatch(/credit$/)
  })
})
