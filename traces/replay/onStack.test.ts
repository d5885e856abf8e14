import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { must } from '../../checker/text/at.ts'
import { Host } from '../../impl/host/host.ts'
import { Rendezvous } from '../../impl/host/rendezvous/rendezvous.ts'
import type { Difference } from './compare.ts'
import { Lockstep } from './lockstep.ts'
import { replayOnStack } from './onStack.ts'
import { comparedOnStack, playable, readTrace, remembered } from './testing/playTrace.ts'

const isSound = (name: string): boolean => readTrace(name).defect === undefined
const scenes = playable.filter(isSound)
const ofScenes = new Set(scenes.map(name => readTrace(name).model))
const others = playable.filter(name => !ofScenes.has(readTrace(name).model))

/** All scenes, and one trace of a defect in each model without a scene. `onStack.long.ts` replays all traces. */
const SAMPLE = [...scenes, ...new Map(others.map(name => [readTrace(name).model, name])).values()]

describe.each(SAMPLE)('%s', SLOW, name => {
  test('gives the same steps on the stack as in the model', () => {
    const { outcome, outcomes, steps, expectedSteps, difference } = comparedOnStack(name)
    expect(outcomes, difference).toContain(outcome)
    expect(steps).toBe(expectedSteps)
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
      return replayOnStack(readTrace(name), remembered).at?.difference
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
      const lockstep = new Lockstep(remembered(readTrace('both-addresses-dead.json')))
      const lapse = must(
        lockstep.recorder.choices().find(({ label }) => label === 'the lease of the server ends'),
      )
      expect(lockstep.take(lapse).difference?.part).toBe('rendezvous[1].rendezvous')
    } finally {
      Rendezvous.prototype.poll = poll
    }
  })

  test('in a timer that does not run', () => {
    const { migrate } = Host.prototype
    const trace = readTrace('lost-move.json')
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
