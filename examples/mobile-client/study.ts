/** A phone downloads while it passes through three networks that disappear. docs/case-studies.md shows the output. */

import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { at } from '../../checker/text/at.ts'
import { createServer, Stack } from '../../impl/sockets/index.ts'
import type { CaseStudy, Outcome } from '../caseStudy.ts'
import { stackedSvg } from '../pictures/svg.ts'
import { bars } from '../pictures/text.ts'
import { type Downloaded, download, NETWORKS } from './download.ts'

const SERVICE = 'acme/films'
const MIB = 2 ** 20
const SLOTS = 60

export const mobileClient: CaseStudy<'mib' | 'outageMs'> = {
  name: 'mobile-client',
  summary: 'a download continues while the client passes through three networks that disappear',
  claim: 'One connection survives three networks, and the client receives exactly what was sent.',
  choices: {
    mib: { what: 'how much to download', default: 12, min: 1, max: 1024 },
    outageMs: { what: 'time between the second network and the third', default: 500, min: 0, max: 60_000 },
  },
  async run({ mib, outageMs }, progress) {
    progress(`${mib} MiB through three networks`)
    await using server = await new Stack({ addresses: ['127.0.0.9:0'] }).opened()
    const film = randomBytes(mib * MIB)
    const films = createServer({ stack: server }, socket => socket.end(film)).listen(SERVICE)
    await once(films, 'listening')
    const got = await download(SERVICE, at(server.addresses, 0), film.length, outageMs)
    return conclude(got, createHash('sha256').update(film).digest('hex'), outageMs)
  },
}

export function conclude(got: Downloaded, sha256: string, outageMs: number): Outcome {
  const places = got.paths.map(({ local }) => local.replace(/:\d+$/, ''))
  const isWhole = got.failure === '' && got.sha256 === sha256
  const hasMoved =
    places.join() ===
    NETWORKS.slice(1)
      .map(({ address }) => address)
      .join()
  const slots = got.timeline.slots(SLOTS)
  const { timeline: _, ...facts } = got
  return {
    holds: isWhole && hasMoved,
    facts: { ...facts, isWhole, hasMoved, outageMs, timeline: slots },
    svg: stackedSvg('A download through three networks', 'MiB/s', {
      ...slots,
      series: slots.series.map(({ name, amounts }) => ({ name, amounts: amounts.map(n => n / MIB) })),
    }),
    print: ({ print, printTable, printWrapped }) => {
      const perNetwork = slots.series.map(({ amounts }) => amounts.reduce((sum, n) => sum + n, 0))
      printTable([
        ['NETWORK', 'ADDRESS', 'RATE', 'DELAY', 'GOT', 'FIRST BYTE AFTER'],
        ...NETWORKS.map(({ name, address, megabitsPerSecond, delayMs }, i) => [
          name,
          address,
          `${megabitsPerSecond} Mbit/s`,
          `${delayMs} ms`,
          `${(at(perNetwork, i) / MIB).toFixed(1)} MiB`,
          i === 0 ? '' : `${got.gapsMs[i - 1]?.toFixed(0)} ms`,
        ]),
      ])
      print()
      print(bars(slots).join('\n'))
      print()
      printWrapped(
        `${(got.bytes / MIB).toFixed(1)} MiB in ${got.seconds.toFixed(1)} s over one connection. The longest time without a byte was ${got.longestGapMs.toFixed(0)} ms; for ${outageMs} ms there was no network at all. SHA-256 ${got.sha256.slice(0, 16)}... is ${isWhole ? '' : 'NOT '}that of the film. ${got.failure}`.trim(),
      )
    },
  }
}
