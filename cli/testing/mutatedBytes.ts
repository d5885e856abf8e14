/** For tests: captures that are wrong, in the file's structure or in the packets that it holds. */

import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { must } from '../../checker/text/at.ts'
import type { Mutations } from '../../impl/controller/testing/mutations.ts'
import { hostOf } from '../../impl/link/address.ts'
import { captureBlocks, captureHeader } from '../../impl/link/pcapng.ts'
import { type Capture, readCapture } from '../../impl/link/readCapture.ts'
import { MUTANT_BYTES, mutate } from '../../spec/wire/testing/mutants.ts'
import { folder } from '../../spec/wire/testing/pcap.ts'

/** The most bytes of a sample. Small mutants take little time. */
const SMALL_BYTES = 4096
/** The number of packets in a generated capture. */
const PACKETS = 12

interface Sample {
  readonly bytes: Buffer
  readonly capture: Capture
  /** The host that sent the first packet. */
  readonly host: string
}

const samples: readonly Sample[] = globSync('*.pcap', { cwd: folder })
  .map(name => readFileSync(join(folder, name)))
  .filter(({ length }) => length <= SMALL_BYTES)
  .map(bytes => {
    const capture = readCapture(bytes)
    return { bytes, capture, host: hostOf(must(capture.datagrams[0]).from) }
  })

/** Lengths and types that a reader may not expect. */
const WORDS = [0, 1, 3, 4, 8, 11, 12, 0x7fff_ffff, 0x8000_0000, 0xffff_fffc, 0xffff_ffff, 0x0a0d_0d0a, 6, 101]

/**
 * Returns a capture file with one to three changes, and the host to judge. Half of the files hold generated packets, some of
 * which are mutants with a correct checksum.
 */
export function mutateCapture(mutations: Mutations): { bytes: Uint8Array; hosts: readonly string[] } {
  const sample = mutations.pick(samples)
  const isMade = mutations.below(2) === 0
  let bytes = isMade ? made(mutations, sample) : sample.bytes
  for (let i = mutations.below(3); i >= 0; i--) bytes = changed(mutations, bytes)
  return { bytes, hosts: isMade && mutations.below(2) === 0 ? [] : [sample.host] }
}

const mutant = new Uint8Array(MUTANT_BYTES)

function made(mutations: Mutations, { capture, host }: Sample): Buffer {
  const pieces = [captureHeader()]
  for (const { from, to, bytes, timeMs } of capture.datagrams.slice(0, PACKETS)) {
    const isMutant = mutations.below(4) === 0
    const length = isMutant ? mutate(() => mutations.below(2 ** 32), mutant) : 0
    const packet = { from, to, bytes: isMutant ? mutant.slice(0, length) : bytes }
    pieces.push(captureBlocks([packet], hostOf(from) === host ? 'out' : 'in', timeMs))
  }
  return Buffer.concat(pieces)
}

function changed(mutations: Mutations, bytes: Buffer): Buffer {
  if (bytes.length < 4) return bytes
  const at = mutations.below(bytes.length)
  const word = at - (at % 4)
  const copy = Buffer.from(bytes)
  switch (mutations.below(7)) {
    case 0:
      return bytes.subarray(0, at)
    case 1:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(mutations.below(bytes.length))])
    case 2:
      return Buffer.concat([
        bytes.subarray(0, at),
        mutations.pick(samples).bytes.subarray(mutations.below(64)),
      ])
    case 3:
    case 4:
      if (word + 4 <= copy.length) copy.writeUInt32LE(mutations.pick(WORDS), word)
      return copy
    default:
      copy[at] = must(copy[at]) ^ (1 << mutations.below(8))
      return copy
  }
}
