/** Packets of a live run with the C prototype: templates of both stacks, filled with this run's identifiers. */

import { describe, expect, test } from 'vitest'
import { at, must } from '../../checker/text/at.ts'
import { ACK, DATA, FIN, RSYN, SYN, SYNACK } from '../../spec/machines/flow/packets.ts'
import { CONNECTION, MIGRATION } from '../../spec/machines/flow/states.ts'
import { FLAG_ACK, FLAG_FIN, FLAG_RSYN } from '../../spec/wire/format.ts'
import type { Frame } from '../../spec/wire/frame.ts'
import { read32 } from '../../spec/wire/numbers.ts'
import { frameOf } from '../../spec/wire/testing/again.ts'
import { ipOf, parseAddress } from '../link/address.ts'
import { readPacket } from '../link/ipPacket.ts'
import type { Datagram } from '../link/link.ts'
import { Stream } from '../transport/stream/stream.ts'
import type { Flow } from './flows/flow.ts'
import { prefixOfId } from './services/serviceId.ts'
import { kind } from './testing/echo.ts'
import { Hosts } from './testing/hosts.ts'
import { type Fields, hexOf, live } from './testing/prototype.ts'

const FORMS = {
  syn: '00000002000000001406861f10148000a7c6c232000000008c498b941cb882f9202400000000400100000000000000000000000000000000000000000000000000000000400c00000a0100040a01000300000000648e7a5d000000007002000091380000020405a801030301',
  synack:
    '000000511b5351ef0806fb971014a00076eb92221e1137724745bc0be02c9caa00000000383bc22234a4b31f701216a077540000020405a801030301',
  /** The first ACK, with SERVICE and a bare header of the transport. */
  ack: '1b5351ef0000005111068ab2101420001e11377276eb922376ee2d2caac5b9072024000000004001000000000000000000000000000000000000000000000000000000000000000034a4b31f383bc22350100200b7ad0000',
  /** A server's last segment with the transport's FIN, the prototype's acknowledgment, and SAL's FIN. */
  end: '7a2f754e0000000303060d790000000071252532e820ae2a5019020085470000e7da',
  endAck: '000000037a2f754e03060d7900000000e820ae2a7125253550100b5063da0000',
  fin: '7a2f754e000000030806d0dd10140400a493c16662ac12f1770c98d58105b707',
  /** A FIN inside RSYN-ACK, and the answer. */
  finInside: '000000039968acfe0806834b10146400e96e06a97db734c8d4172bd5ec202b8a',
  finAck: '9968acfe0000000308068db5101420007db734c8e96e06a9929edb9297fe4afe',
} as const

/** The identifiers that the prototype's flow starts with. */
const THEIRS = { srcFlow: 0x51, nonceHigh: 0x4745bc0b, nonceLow: 0xe02c9caa } as const
const VERNO = 0x76eb9222
const SEQ = 0x383bc222

const HERE = parseAddress('10.0.0.1')
const MOVED = parseAddress('10.0.1.1')
const THERE = parseAddress('10.0.0.3')
const SERVICE = frameOf(Buffer.from(FORMS.ack, 'hex'))
const ID = SERVICE.bytes.slice(SERVICE.service, SERVICE.service + 32)

const next = (verno: number): number => (verno + 1) >>> 0
const seqOf = ({ bytes, payload }: Frame): number => read32(bytes, payload + 4)

/** This stack's host. Nothing that it sends arrives: the test answers with the prototype's templates. */
function scene() {
  const hosts = new Hosts()
  const { host } = hosts.add(['10.0.0.1', '10.0.1.1'])
  const sent: Datagram[] = []
  hosts.pass = one => sent.push({ ...one, bytes: one.bytes.slice() }) === 0
  /** Returns all packets of a kind since the start. */
  const all = (wanted: number) => sent.filter(one => kind(one) === wanted)
  const says = (form: keyof typeof FORMS, fields: Fields, from = THERE, to = HERE) => {
    host.receive([live(FORMS[form], from, to, { ...THEIRS, ...fields })], hosts.now)
    hosts.run(hosts.now)
  }
  /** Returns the packet of a template that this stack must send. */
  const expected = (form: keyof typeof FORMS, fields: Fields, from = HERE) =>
    hexOf(live(FORMS[form], from, THERE, { dstFlow: THEIRS.srcFlow, ...fields }))
  return { hosts, host, sent, all, says, expected }
}

/** Opens a flow to a server of the prototype, up to the first ACK. */
function dialled() {
  const world = scene()
  const { hosts, host, all, says } = world
  const transport = new Stream({ initialSequence: 0x34a4b31e, mss: 1400 })
  const flow = host.connect({ service: ID, transport, via: THERE }, hosts.now)
  hosts.run(hosts.now)
  const syn = frameOf(at(all(SYN), 0).bytes)
  const ours = { srcFlow: flow.id, nonceHigh: syn.nonceHigh, nonceLow: syn.nonceLow }
  says('synack', { dstFlow: flow.id, verno: VERNO, ackno: next(syn.verno), ack: next(seqOf(syn)) })
  return { ...world, flow, syn, ours }
}

/** Listens, and accepts every flow. */
function listening() {
  const world = scene()
  const { host, all, says } = world
  const accepted: Flow[] = []
  const listener = host.listen(prefixOfId(ID), {
    backlog: 8,
    transport: () => new Stream({ initialSequence: 0x71252531, mss: 1400 }),
    onReady: l => accepted.push(must(host.accept(l))),
  })
  /** Connects as the prototype. Returns the identifiers of both ends. */
  const connects = () => {
    says('syn', { service: ID, sources: [], verno: VERNO, seq: SEQ })
    const answer = frameOf(must(all(SYNACK).at(-1)).bytes)
    const { srcFlow, verno, nonceHigh, nonceLow } = answer
    const seq = next(seqOf(answer))
    says('ack', { dstFlow: srcFlow, verno: next(VERNO), ackno: next(verno), seq: next(SEQ), ack: seq })
    return { ours: { srcFlow, nonceHigh, nonceLow }, verno: next(verno), seq }
  }
  return { ...world, listener, accepted, connects }
}

test("SAL's FIN follows the acknowledgment of the transport's FIN, although the prototype has not finished", () => {
  const { hosts, host, sent, accepted, connects, says, expected } = listening()
  const { ours, verno, seq } = connects()
  const [flow] = accepted
  ;(must(flow).transport as Stream).write(Uint8Array.of(0xe7, 0xda))
  host.finish(must(flow), hosts.now)
  hosts.run(hosts.now)
  expect(hexOf(must(sent.at(-1)))).toBe(expected('end', { srcFlow: ours.srcFlow, seq, ack: next(SEQ) }))
  const before = sent.length
  says('endAck', { dstFlow: ours.srcFlow, seq: next(SEQ), ack: seq + 3 })
  expect(sent.slice(before).map(hexOf)).toEqual([expected('fin', { ...ours, verno, ackno: next(VERNO) })])
  expect(must(flow).connection).toBe(CONNECTION.FINWAIT1)
})

describe('a SYN that one of our routers forwarded', () => {
  /** As recorded, with its IP header: from the router, with the checksum for the origin's address. */
  const PACKET = `45000080ef7f4000409036690a0100030a010001${FORMS.syn}`
  const SUM = FORMS.syn.indexOf('9138')
  const sealed = (sum: string): string => FORMS.syn.slice(0, SUM) + sum + FORMS.syn.slice(SUM + 4)
  const [origin, router, server] = ['10.1.0.4', '10.1.0.3', '10.1.0.1'].map(text => parseAddress(text))

  test.for([
    ['9138', 'that of the origin', 1],
    ['9139', 'that of the router', 1],
    ['913a', 'that of nobody', 0],
  ] as const)('with the sum %s, %s: %i answers', ([sum, , answers]) => {
    const bytes = Uint8Array.from(Buffer.from(PACKET.replace(FORMS.syn, sealed(sum)), 'hex'))
    const read = must(readPacket(bytes, 0, bytes.length))
    expect([read.from, read.to].map(ipOf)).toEqual([router, server].map(one => ipOf(must(one))))
    const hosts = new Hosts()
    const { host } = hosts.add(['10.1.0.1'])
    const transport = () => new Stream({ initialSequence: 0x71252531, mss: 1400 })
    host.listen(prefixOfId(ID), { backlog: 8, transport, onReady: () => {} })
    host.receive([{ from: must(router), to: must(server), bytes: read.bytes }], 0)
    expect(host.flush(0).map(one => [kind(one), one.to])).toEqual(Array(answers).fill([SYNACK, origin]))
    expect(host.counters.corrupt).toBe(1 - answers)
  })

  test('has the checksum of the address that it leaves from, which the prototype requires', () => {
    const hosts = new Hosts()
    const { host } = hosts.addRouter(['10.1.0.3'])
    host.services.add(prefixOfId(ID), { kind: 'forward', address: must(server) }, 1, 1)
    host.receive([live(FORMS.syn, must(origin), must(router), { sources: [] })], 0)
    const sent = host.flush(0)
    expect(sent).toMatchObject([{ from: router, to: server }])
    expect(sent.map(hexOf)).toEqual([sealed('9139')])
  })
})

describe('the first ACK', () => {
  test("has the prototype's format, also when repeated, and not after data", () => {
    const { hosts, all, flow, syn, ours, says, expected } = dialled()
    const fields = { ...ours, service: ID, verno: next(syn.verno), ackno: next(VERNO) }
    const ack = expected('ack', { ...fields, seq: next(seqOf(syn)), ack: next(SEQ) })
    expect(all(ACK).map(hexOf)).toEqual([ack])
    hosts.run(10_000)
    const acks = all(ACK)
    expect(acks.length).toBeGreaterThan(2)
    expect(new Set(acks.map(hexOf))).toEqual(new Set([ack]))
    says('endAck', { dstFlow: flow.id, seq: next(SEQ), ack: next(seqOf(syn)) })
    hosts.run(60_000)
    expect(all(ACK).length).toBe(acks.length)
  })

  test('creates a flow during a flood', () => {
    const { hosts, host, accepted, listener, connects, says } = listening()
    for (let n = 1; n <= 100; n++)
      says('syn', { service: ID, sources: [], srcFlow: n + 0x100, verno: n, seq: n })
    expect(listener.pending).toBeLessThan(8)
    const { answered } = host.counters
    const { ours, seq } = connects()
    expect([host.counters.answered, host.counters.confirmed]).toEqual([answered + 1, 1])
    expect(accepted.map(({ id }) => id)).toEqual([ours.srcFlow])
    says('end', { dstFlow: ours.srcFlow, seq: next(SEQ), ack: seq })
    hosts.run(hosts.now)
    expect((at(accepted, 0).transport as Stream).read()).toEqual(Buffer.of(0xe7, 0xda))
  })
})

test('a FIN inside RSYN-ACK is acknowledged, after the ACK of the move was lost', () => {
  const { hosts, host, all, flow, syn, ours, says, expected } = dialled()
  says('endAck', { dstFlow: flow.id, seq: next(SEQ), ack: next(seqOf(syn)) })
  host.migrate(flow, MOVED, hosts.now)
  hosts.run(hosts.now)
  const rsyn = frameOf(at(all(RSYN), 0).bytes)
  const proof = { dstFlow: flow.id, verno: next(VERNO), ackno: next(rsyn.verno) }
  says('finInside', { ...proof, flags: FLAG_RSYN | FLAG_ACK }, THERE, MOVED)
  expect(flow.migration).toBe(MIGRATION.INITIAL)
  const answer = (ackno: number) => expected('finAck', { ...ours, verno: next(rsyn.verno), ackno }, MOVED)
  expect(hexOf(must(all(ACK).at(-1)))).toBe(answer(next(VERNO)))
  says('finInside', { ...proof, flags: FLAG_RSYN | FLAG_ACK | FLAG_FIN }, THERE, MOVED)
  expect(hexOf(must(all(ACK).at(-1)))).toBe(answer(next(next(VERNO))))
  expect(flow.connection).toBe(CONNECTION.CLOSEWAIT)
  expect([all(FIN), all(DATA)].flat()).toEqual([])
})
