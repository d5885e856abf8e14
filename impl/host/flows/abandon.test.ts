/** A host whose process exits leaves no peer behind that waits for it. */
import { expect, test } from 'vitest'
import { halves } from '../testing/halves.ts'

test('the peer hears of it at once, whatever either end has finished', () => {
  for (const [clientEnds, serverEnds] of [
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ]) {
    const { hosts, client, server } = halves()
    client.write(1000)
    if (clientEnds) client.finish()
    if (serverEnds) server.finish()
    hosts.run(hosts.now + 1000)
    client.station.host.abandon(hosts.now)
    hosts.run(hosts.now + 100)
    expect(server.notices.at(-1)).toBe(clientEnds && serverEnds ? 'peer closed' : 'reset')
    expect(server.heard().length).toBe(1000)
    expect(server.flow.isLive).toBe(false)
  }
})
