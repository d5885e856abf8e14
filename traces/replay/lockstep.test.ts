import { describe, expect, test } from 'vitest'
import { SLOW } from '../../checker/testing/limits.ts'
import { settingOf } from '../../checker/trace/setting.ts'
import { Host } from '../../impl/host/host.ts'
import { catalogue } from '../catalogue.ts'
import { Lockstep, UNPLAYED } from './lockstep.ts'
import { playedModels, walkInLockstep } from './testing/lockstepWalks.ts'

/** Walks through each model. Those through `flows` are short and cheap. */
const WALKS = 4
const WALKS_OF_FLOWS = 40

/** Models that are lowered quickly. `lockstep.long.ts` takes many walks through each model. */
const SAMPLE = [
  ...['two-party', 'half-closed', 'crossing', 'challenge', 'make-before-break'],
  ...['restart', 'translator', 'rendezvous', 'joining', 'flows'],
]

describe.each(playedModels.filter(({ name }) => SAMPLE.includes(name)))(
  'walks through $name',
  SLOW,
  ({ name }) => {
    test('give the same states, registers and packets on the stack', () => {
      const walks = name === 'flows' ? WALKS_OF_FLOWS : WALKS
      const { steps, difference, where } = walkInLockstep(name, walks)
      expect(difference, where).toBeUndefined()
      expect(steps).toBeGreaterThan(10 * walks)
    })
  },
)

describe('walks through flows find a host', SLOW, () => {
  const found = (spoil: (host: Host) => void): string | undefined => {
    const { setAddresses } = Host.prototype
    Host.prototype.setAddresses = function (addresses) {
      setAddresses.call(this, addresses)
      spoil(this)
    }
    try {
      return walkInLockstep('flows', WALKS_OF_FLOWS).difference?.part
    } finally {
      Host.prototype.setAddresses = setAddresses
    }
  }

  test('that never hears that a flow is confirmed', () => {
    expect(
      found(({ connections }) => {
        connections.confirmed = () => {}
      }),
    ).toBe('end[0].confirmed')
  })

  test('that does not ask on other flows', () => {
    expect(
      found(host => {
        host.retry = () => {}
      }),
    ).toBe('sent')
  })

  test('that echoes another version', () => {
    expect(
      found(({ packets }) => {
        const control = packets.control.bind(packets)
        packets.control = (sent, protocol, high, low, flow, now, told) => {
          const echo = told?.echoed
          const wrong =
            echo === undefined ? told : { ...told, echoed: { ...echo, version: echo.version + 1 } }
          control(sent, protocol, high, low, flow, now, wrong)
        }
      }),
    ).toBe('sent')
  })
})

test.each([...UNPLAYED])('the model %s is rejected with TRACE_STACK: %s', (model, why) => {
  const setting = settingOf({ model, bounds: {} }, catalogue)
  expect(() => new Lockstep(setting)).toThrow(`TRACE_STACK: the stack cannot play '${model}': ${why}`)
})
