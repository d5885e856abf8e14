import { describe, expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import { ENDED } from '../../../spec/machines/connection/reasons.ts'
import { ACK, DATA, RST } from '../../../spec/machines/flow/packets.ts'
import { CONNECTION } from '../../../spec/machines/flow/states.ts'
import { hear, kind, say } from '../testing/echo.ts'
import { CLIENT, record, SERVER, Several } from '../testing/several.ts'

test('a FIN closes the connection only if the end of the data has arrived', () => {
  for (const ended of [false, true]) {
    const several = new Several()
    several.join()
    const { accepted, client, hosts } = several
    Object.defineProperty(accepted.transport, 'hasHeardEnd', { value: ended })
    // The flow that joined has a transport of its own, and stays open.
    client.host.finish(several.flow, hosts.now)
    several.run()
    expect(accepted.connection).toBe(CONNECTION.CLOSEWAIT)
    expect(several.ends[1].state.heard).toBe(ended ? 1 : 0)
  }
})

describe('a connection goes on', () => {
  test('when one of its flows dies, and ends with the last one', () => {
    const several = new Several()
    const flow = several.join()
    several.client.host.connections.end(several.flow, several.hosts.now)
    several.run()
    expect([several.owners.client.left, several.owners.server.left]).toEqual([
      [several.flow],
      [several.accepted],
    ])
    say(flow, 'the other one')
    several.run()
    expect(hear(at(several.owners.server.flows, 0))).toBe('the other one')
    several.client.host.connections.end(flow, several.hosts.now)
    several.run()
    expect([several.owners.client.over, several.owners.server.over]).toEqual([[ENDED.CLOSED], [ENDED.RESET]])
  })

  test('when the opener removes a flow, but not the last one', () => {
    const several = new Several()
    const flow = several.join()
    const seen = record(several)
    several.client.host.connections.remove(several.flow, several.hosts.now)
    several.run()
    expect(seen.map(kind).filter(one => one !== DATA)).toEqual([RST])
    expect([several.owners.client.left, several.owners.server.left]).toEqual([
      [several.flow],
      [several.accepted],
    ])
    const end = must(flow.belongsTo)
    expect([end.state.live, end.isOpen]).toEqual([2, true])
    expect(() => several.client.host.connections.remove(flow, several.hosts.now)).toThrow('the last flow')
    say(flow, 'still here')
    several.run()
    expect(hear(at(several.owners.server.flows, 0))).toBe('still here')
    // Further flows join by the flow that is left.
    const third = several.client.host.connections.join(flow, { to: SERVER, from: CLIENT }, several.hosts.now)
    several.run()
    expect(third.connection).toBe(CONNECTION.CONNECTED)
  })

  test('when the accepter asks the opener to remove a flow, although the question gets lost', () => {
    const several = new Several()
    several.join()
    let asked = 0
    several.hosts.pass = (packet, from) => from !== several.server || kind(packet) !== ACK || asked++ > 0
    several.server.host.connections.remove(several.accepted, several.hosts.now)
    several.run(100)
    expect(several.ends[0].state.live).toBe(3)
    several.run(2000)
    expect(several.flow.isLive).toBe(false)
    expect(must(at(several.owners.client.flows, 0).belongsTo).state.live).toBe(2)
  })

  test('when both ends remove a flow at once: that of the accepter stays', () => {
    const several = new Several()
    const flow = several.join()
    several.server.host.connections.remove(several.accepted, several.hosts.now)
    several.client.host.connections.remove(flow, several.hosts.now)
    several.run(5000)
    expect([several.flow.isLive, flow.isLive]).toEqual([true, false])
    expect(several.ends.map(({ state }) => [state.live, state.unwanted, state.wished])).toEqual([
      [1, 0, 1],
      [1, 1, 0],
    ])
  })
})

describe('all flows of a connection end', () => {
  test('when it closes', () => {
    const several = new Several()
    several.join()
    for (const { flows } of several.ends)
      for (const flow of flows)
        (flow.belongsTo === several.ends[0] ? several.client : several.server).host.finish(
          flow,
          several.hosts.now,
        )
    several.run(500)
    expect([several.owners.client.over, several.owners.server.over]).toEqual([[ENDED.CLOSED], [ENDED.CLOSED]])
  })

  test('when an end aborts it, although one RST gets lost', () => {
    const several = new Several()
    several.join()
    let resets = 0
    several.hosts.pass = packet => kind(packet) !== RST || resets++ > 0
    several.client.host.abort(several.flow, several.hosts.now)
    several.run(500)
    say(several.accepted, 'anybody there, or has the RST got lost?')
    several.run(500)
    expect([several.owners.client.over, several.owners.server.over]).toEqual([[ENDED.ABORTED], [ENDED.RESET]])
    expect(several.server.host.flows()).toEqual([])
  })
})
