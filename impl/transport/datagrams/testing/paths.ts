/** For tests: two ends whose datagrams use several flows, each with a delay and a fate of its own, in virtual time. */
import { at } from '../../../../checker/text/at.ts'
import { ACK, SYN, SYNACK } from '../../../../spec/machines/flow/packets.ts'
import { DatagramTransport } from '../../datagram.ts'
import type { Transport } from '../../transport.ts'

const BYTES = 2000

interface Arriving {
  readonly atMs: number
  readonly to: Transport
  readonly bytes: Uint8Array
}

/** One flow: its transports at both ends. */
export interface Line {
  readonly ends: readonly [Transport, Transport]
  delayMs: number
  isDead: boolean
  /** Packets that left here, in either direction. */
  packets: number
  /** Returns how many copies of a packet arrive, and how much later each. */
  copies: () => readonly number[]
}

export class Paths {
  readonly here = new DatagramTransport()
  readonly there = new DatagramTransport()
  readonly lines: Line[] = []
  /** Every packet that left. */
  readonly sent: Uint8Array[] = []
  nowMs = 0
  #arriving: Arriving[] = []

  constructor(firstMs: number) {
    this.#add([this.here, this.there], firstMs)
  }

  /** Adds a flow, whose handshake is over at once, unless its ACK is lost. */
  join(delayMs: number, isBackup = false, isAckLost = false): Line {
    const ends: [Transport, Transport] = [this.here.join(isBackup), this.there.join(isBackup)]
    for (const [kind, from, to] of [
      [SYN, ends[0], ends[1]],
      [SYNACK, ends[1], ends[0]],
      [ACK, ends[0], ends[1]],
    ] as const) {
      if (kind === ACK && isAckLost) break
      const out = new Uint8Array(BYTES)
      to.readHandshake(kind, out, 0, from.writeHandshake(kind, out, 0, this.nowMs), this.nowMs)
    }
    return this.#add(ends, delayMs)
  }

  /** A flow ends at both ends. */
  leave(line: Line): void {
    line.isDead = true
    this.lines.splice(this.lines.indexOf(line), 1)
    this.here.leave(line.ends[0])
    this.there.leave(line.ends[1])
  }

  /** Runs for so long. */
  run(ms: number): void {
    const endMs = this.nowMs + ms
    for (;;) {
      this.#pump()
      this.#arriving.sort((a, b) => a.atMs - b.atMs)
      const next = this.#arriving[0]
      if (next === undefined || next.atMs > endMs) break
      this.nowMs = next.atMs
      this.#arriving.shift()
      next.to.receive(next.bytes, 0, next.bytes.length, this.nowMs)
    }
    this.nowMs = endMs
  }

  /** Returns what has arrived at an end. */
  read(end: DatagramTransport): string[] {
    const messages: string[] = []
    for (let one = end.read(); one !== undefined; one = end.read()) messages.push(`${Buffer.from(one)}`)
    return messages
  }

  #add(ends: readonly [Transport, Transport], delayMs: number): Line {
    const line = { ends, delayMs, isDead: false, packets: 0, copies: () => [0] }
    this.lines.push(line)
    return line
  }

  #pump(): void {
    for (let isBusy = true; isBusy; ) {
      isBusy = false
      for (const line of this.lines) for (const i of [0, 1]) if (this.#send(line, i)) isBusy = true
    }
  }

  #send(line: Line, i: number): boolean {
    const out = new Uint8Array(BYTES)
    const end = at(line.ends, i).send(out, 0, this.nowMs)
    if (end === 0) return false
    const bytes = out.slice(0, end)
    line.packets++
    this.sent.push(bytes)
    if (!line.isDead)
      for (const laterMs of line.copies())
        this.#arriving.push({ atMs: this.nowMs + line.delayMs + laterMs, to: at(line.ends, 1 - i), bytes })
    return true
  }
}
