/** Scenarios of two flows, stepped by XState itself: each line is a packet with its addresses, or a notice. */

import { describe, expect, test } from 'vitest'
import { at, must } from '../../../checker/text/at.ts'
import type { FlowEvent } from './events.ts'
import { connected, type EndName, Pair } from './testing/pair.ts'

const CLOSE: FlowEvent = { type: 'CLOSE' }
const TIMEOUT: FlowEvent = { type: 'TIMEOUT' }
const move = (address: number): FlowEvent => ({ type: 'MOVE', address })

describe('handshake', () => {
  test('three packets, and an answer that ends the client’s repetition of its last', () => {
    const pair = new Pair().connect().settle()
    expect(pair.log()).toEqual([
      ...['SYN 1>3', 'SYNACK 3>1', 'ACK 1>3', 'client: connected'],
      ...['ACK 3>1', 'server: accepted'],
    ])
    expect(pair.states()).toEqual(['CONNECTED', 'CONNECTED'])
    expect([pair.registers('client').owed, pair.registers('server').owed]).toEqual([0, 0])
  })

  test("each end knows the other's flowID, nonce and next version (invariant 1)", () => {
    const pair = connected()
    const [c, s] = [pair.registers('client'), pair.registers('server')]
    expect([c.peerFlow, c.peerNonce, c.rcvNxt]).toEqual([s.localFlow, s.localNonce, s.sndNxt])
    expect([s.peerFlow, s.peerNonce, s.rcvNxt]).toEqual([c.localFlow, c.localNonce, c.sndNxt])
    // 2^32 - 2 and 2^32 - 1 were consumed.
    expect([c.sndNxt, s.sndNxt]).toEqual([2 ** 32 - 1, 0])
  })

  test('a repeated SYN gets the same SYN-ACK (invariant 3)', () => {
    const pair = new Pair().connect()
    const [syn] = pair.flight
    pair.deliver()
    const [synack] = pair.flight
    pair.receive(must(syn))
    expect(pair.flight).toEqual([synack, synack])
  })

  test('if the client’s ACK is lost, its data confirms as well (D9)', () => {
    const pair = new Pair().connect().deliver(2).lose()
    expect(pair.states()).toEqual(['CONNECTED', 'RESPOND'])
    pair.log()
    pair.does('client', { type: 'SEND', here: 1 }).settle()
    expect(pair.log()).toEqual(['DATA 1>3', 'ACK 3>1', 'server: accepted', 'server: data'])
    expect(pair.states()).toEqual(['CONNECTED', 'CONNECTED'])
  })

  test('if the client’s ACK is lost, the server repeats its SYN-ACK and gets an answer (D9)', () => {
    const pair = new Pair().connect().deliver(2).lose()
    pair.log()
    pair.does('server', TIMEOUT).settle()
    expect(pair.log()).toEqual(['SYNACK 3>1', 'ACK 1>3', 'ACK 3>1', 'server: accepted'])
  })

  test('a silent address gets at most three packets (invariant 53)', () => {
    const pair = new Pair().connect().deliver()
    for (let i = 0; i < 5; i++) pair.does('server', TIMEOUT)
    expect(pair.log().filter(line => line.startsWith('SYNACK'))).toHaveLength(3)
  })

  test.each([0, 1])('a repeated SYN is answered without credit, claimed %d', claimed => {
    const pair = new Pair(claimed).connect()
    const [syn] = pair.flight
    pair.deliver().does('server', TIMEOUT).does('server', TIMEOUT)
    pair.log()
    pair.receive(must(syn))
    expect([pair.registers('server').credit, pair.log()]).toEqual([0, ['SYNACK 3>1']])
  })

  test('an address that only SOURCE names gets at most one packet per SYN (invariant 60)', () => {
    for (const end of [CLOSE, TIMEOUT]) {
      const pair = new Pair(1).connect().deliver()
      expect(pair.log()).toEqual(['SYN 1>3', 'SYNACK 3>1'])
      pair.does('server', TIMEOUT).does('server', TIMEOUT)
      expect([pair.state('server'), pair.log()]).toEqual(['RESPOND', []])
      pair.does('server', end)
      expect([pair.state('server'), pair.log()]).toEqual([
        'CLOSED',
        end === TIMEOUT ? ['server: timed out'] : [],
      ])
    }
  })

  test('a closing listener resets a handshake while there is credit', () => {
    const pair = new Pair().connect().deliver()
    pair.log()
    expect(pair.does('server', CLOSE).log()).toEqual(['RST 3>1'])
    const silent = new Pair().connect().deliver().does('server', TIMEOUT).does('server', TIMEOUT)
    silent.log()
    expect([silent.does('server', CLOSE).log(), silent.state('server')]).toEqual([[], 'CLOSED'])
  })

  test('a SYN-ACK with another ackno does not belong to this attempt', () => {
    const pair = new Pair().connect().deliver()
    pair.receive({ ...at(pair.flight, 0), ackno: 7 })
    expect(pair.state('client')).toBe('REQUEST')
  })
})

describe('move', () => {
  test.each<[EndName, number, string[]]>([
    ['client', 2, ['RSYN 2>3', 'RSYNACK 3>2', 'ACK 2>3', 'client: moved', 'ACK 3>2', 'server: peer moved']],
    ['server', 4, ['RSYN 4>1', 'RSYNACK 1>4', 'ACK 4>1', 'server: moved', 'ACK 1>4', 'client: peer moved']],
  ])('of the %s', (end, address, log) => {
    const pair = connected().does(end, move(address)).settle()
    expect(pair.log()).toEqual(log)
    expect(pair.states()).toEqual(['CONNECTED', 'CONNECTED'])
    expect(pair.addresses()).toEqual(end === 'client' ? ['2>3', '3>2'] : ['1>4', '4>1'])
  })

  test('the peer is asked at its new address, and adopted only when it answers from there (invariant 16)', () => {
    const pair = connected().does('client', move(2)).deliver()
    expect(pair.states()).toEqual(['CONNECTED RSYN_SENT', 'CONNECTED RSYN_RECV'])
    expect(pair.addresses()).toEqual(['1>3', '3>1'])
    pair.deliver(2)
    expect(pair.addresses()).toEqual(['2>3', '3>2'])
  })

  test('a repeated RSYN gets the identical RSYN-ACK (invariant 18, D1)', () => {
    const pair = connected().does('client', move(2))
    const [rsyn] = pair.flight
    pair.deliver().receive(must(rsyn))
    const [first, second] = pair.flight
    expect(second).toEqual(first)
    expect(pair.settle().states()).toEqual(['CONNECTED', 'CONNECTED'])
    // The same after the end of the move.
    pair.receive(must(rsyn))
    expect(pair.flight).toEqual([{ ...first, ackno: pair.registers('server').rcvNxt }])
  })

  test('of both ends at once: each RSYN reaches the address that the other claims (D5)', () => {
    const pair = connected().does('client', move(2)).does('server', move(4)).settle()
    expect(pair.log().slice(0, 4)).toEqual(['RSYN 2>3', 'RSYN 4>1', 'RSYN 4>2', 'RSYN 2>4'])
    expect(pair.states()).toEqual(['CONNECTED', 'CONNECTED'])
    expect(pair.addresses()).toEqual(['2>4', '4>2'])
  })

  test('a newer move supersedes an older one, whose answer is then ignored (invariant 19)', () => {
    const pair = connected().does('client', move(2)).deliver().does('client', move(1)).deliver()
    expect(pair.state('client')).toBe('CONNECTED RSYN_SENT')
    pair.settle()
    expect([pair.states(), pair.addresses()]).toEqual([
      ['CONNECTED', 'CONNECTED'],
      ['1>3', '3>1'],
    ])
  })

  test('given up, leaves the flow at its old address (invariant 29)', () => {
    const pair = connected().does('client', move(2)).lose().does('client', { type: 'GIVEUP', here: 1 })
    expect(pair.log()).toEqual(['RSYN 2>3', 'client: move failed'])
    expect([pair.states(), pair.addresses()]).toEqual([
      ['CONNECTED', 'CONNECTED'],
      ['1>3', '3>1'],
    ])
  })

  test('sends no data meanwhile (invariant 32), and does not start before the handshake ends (27)', () => {
    const pair = connected().does('client', move(2))
    pair.log()
    expect(pair.does('client', { type: 'SEND', here: 1 }).log()).toEqual([])
    expect(new Pair().connect().does('client', move(2)).state('client')).toBe('REQUEST')
  })
})

describe('close', () => {
  test('by one end, then the other', () => {
    const pair = connected().does('client', CLOSE).settle()
    expect(pair.log()).toEqual(['FIN 1>3', 'ACK 3>1', 'server: peer closed'])
    expect(pair.states()).toEqual(['FINWAIT2', 'CLOSEWAIT'])
    pair.does('server', CLOSE).settle()
    expect(pair.log()).toEqual(['FIN 3>1', 'ACK 1>3', 'client: peer closed', 'server: closed'])
    expect(pair.states()).toEqual(['TIMEWAIT', 'CLOSED'])
    expect(pair.does('client', { type: 'EXPIRE' }).state('client')).toBe('CLOSED')
  })

  test('by both at once', () => {
    const pair = connected().does('client', CLOSE).does('server', CLOSE).settle()
    expect(pair.states()).toEqual(['TIMEWAIT', 'TIMEWAIT'])
  })

  test('a FIN whose ACK was lost is acknowledged again (D10)', () => {
    const pair = connected().does('client', CLOSE).deliver().lose()
    pair.log()
    pair.does('client', TIMEOUT).settle()
    expect(pair.log()).toEqual(['FIN 1>3', 'ACK 3>1'])
    expect(pair.state('client')).toBe('FINWAIT2')
  })

  test('LASTACK waits for an ACK that covers the FIN (invariant 39, D7)', () => {
    const pair = connected().does('client', CLOSE).settle().does('server', CLOSE).deliver()
    const [ack] = pair.flight
    pair.receive({ ...must(ack), ackno: must(ack).ackno - 1 })
    expect(pair.state('server')).toBe('LASTACK')
    expect(pair.deliver().state('server')).toBe('CLOSED')
  })

  test('while this end moves, its RSYN carries the FIN, and both are done (invariants 21, 37, 38)', () => {
    const pair = connected().does('client', move(2)).does('client', CLOSE).settle()
    expect(pair.log()).toContain('RSYN+FIN 2>3')
    expect([pair.states(), pair.addresses()]).toEqual([
      ['FINWAIT2', 'CLOSEWAIT'],
      ['2>3', '3>2'],
    ])
  })

  test('half-closed, the other end still moves (D6)', () => {
    const pair = connected().does('client', CLOSE).settle().does('server', move(4)).settle()
    expect([pair.states(), pair.addresses()]).toEqual([
      ['FINWAIT2', 'CLOSEWAIT'],
      ['1>4', '4>1'],
    ])
  })
})

describe('reset', () => {
  const rst = (pair: Pair) => at(pair.does('client', { type: 'ABORT' }).flight, 0)

  test('ends both', () => {
    const pair = connected().does('client', { type: 'ABORT' }).settle()
    expect(pair.log()).toEqual(['RST 1>3', 'client: closed', 'server: reset'])
    expect(pair.states()).toEqual(['CLOSED', 'CLOSED'])
  })

  test('needs the nonce (invariant 14, D2), and a version not yet consumed', () => {
    const pair = connected()
    const packet = rst(pair)
    expect(pair.receive({ ...packet, nonce: 1 }).state('server')).toBe('CONNECTED')
    expect(pair.receive({ ...packet, verno: packet.verno - 1 }).state('server')).toBe('CONNECTED')
    expect(pair.receive(packet).state('server')).toBe('CLOSED')
  })

  test('is never answered by another', () => {
    const pair = connected()
    const packet = rst(pair)
    pair.settle().log()
    expect(pair.receive(packet).log()).toEqual([])
  })

  test('answers for an ended flow, so that its peer does not retransmit forever (D11)', () => {
    const pair = connected().does('server', { type: 'ABORT' }).lose()
    pair.log()
    pair.does('client', CLOSE).settle()
    expect(pair.log()).toEqual(['FIN 1>3', 'RST 3>1', 'client: reset'])
    expect(pair.state('client')).toBe('CLOSED')
  })
})
