/** Keeps sockets.md and moving.md true: their examples run and print what is shown; tables and limits are those of the code. */

import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { at, must } from '../checker/text/at.ts'
import { DEFAULT_BACKLOG, DEFAULT_QUEUE } from '../impl/host/flows/listener.ts'
import { defaultLimits } from '../impl/host/limits.ts'
import { UNCONNECTED_BYTES } from '../impl/host/paths/unconnected.ts'
import { DEFAULT_MTU } from '../impl/link/link.ts'
import { PEERS_LIMIT } from '../impl/sockets/datagramServer.ts'
import { CLOSE_LIMIT_MS, Stack } from '../impl/sockets/stack.ts'
import { DEAD_AFTER_MS } from '../impl/sockets/vigil.ts'
import { MOST_WINDOW } from '../impl/transport/stream/limits.ts'
import { DATAGRAM_BYTES } from '../spec/wire/datagram.ts'
import { HEADER_BYTES } from '../spec/wire/format.ts'
import { namesIn, page, root, tableOf } from './pages.ts'

const sockets = page('docs/sockets.md')
const moving = page('docs/moving.md')
const read = (path: string): string => readFileSync(join(root, path), 'utf8')
const prose = sockets.prose.replaceAll(/\s+/g, ' ')

describe.concurrent.each([sockets, moving])('examples of $path', SLOW, ({ path, blocks, links }) => {
  const shown = blocks.filter(({ language, text }) => language === 'ts' && text.startsWith('/**'))
  const linked = links.filter(link => link.startsWith('../examples/'))

  test('are all that speak of this page', () => {
    const files = globSync('examples/*.ts', { cwd: root }).filter(file => read(file).includes(path))
    expect(linked.map(link => link.slice(3)).sort()).toEqual(files.sort())
    expect(shown.map(({ text }) => text)).toEqual(linked.map(link => read(link.slice(3))))
  })

  test.for(linked)('%s prints what is shown', async link => {
    const { stdout } = await promisify(execFile)(process.execPath, [join(root, 'docs', link)])
    const block = at(shown, linked.indexOf(link))
    expect(stdout).toBe(at(blocks, blocks.indexOf(block) + 1).text)
  })
})

/** The fields of an interface in a file. */
const fieldsOf = (path: string, name: string): string[] => {
  const [, body] = must(new RegExp(`export interface ${name} [^{]*\\{\\n(.*?)\\n\\}`, 's').exec(read(path)))
  return [...must(body).matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, field]) => must(field))
}

/** The names in the first column of the table after a heading. */
const namesBelow = (heading: string, first: string): string[] => {
  const text = sockets.text.slice(sockets.text.indexOf(`\n## ${heading}\n`))
  return namesIn({ ...sockets, prose: text }, first)
}

test('options are those of the code', () => {
  const fields = [
    ...fieldsOf('impl/sockets/socketOptions.ts', 'SocketOptions'),
    ...fieldsOf('impl/sockets/flowDuplex.ts', 'FlowDuplexOptions'),
    ...fieldsOf('impl/sockets/flowOptions.ts', 'FlowOptions'),
  ]
  expect(namesBelow('Streams', 'option').sort()).toEqual(fields.sort())
  expect(namesBelow('Stacks', 'option').sort()).toEqual(
    fieldsOf('impl/sockets/stackOptions.ts', 'StackOptions').sort(),
  )
  for (const field of fieldsOf('impl/sockets/datagramSocket.ts', 'DatagramOptions'))
    expect(sockets.spans).toContain(field)
})

test('parts of a stack are there', async () => {
  await using stack = new Stack({ addresses: ['127.0.0.1:0'] })
  const parts = tableOf(sockets, 'part').flatMap(([cell]) =>
    [...must(cell).matchAll(/`(\w+)/g)].map(([, name]) => must(name)),
  )
  expect(parts.length).toBeGreaterThan(7)
  expect(parts.filter(part => !(part in stack))).toEqual([])
})

/** The words of a union of strings, without its comments, which may have apostrophes. */
const wordsOf = (path: string, name: string): string[] => {
  const [, union] = must(new RegExp(`export type ${name} =(.*?)(?=\\n\\n)`, 's').exec(read(path)))
  const words = must(union).replaceAll(/\/\*\*.*?\*\//gs, '')
  return [...words.matchAll(/'([^']+)'/g)].map(([, word]) => must(word))
}

test('mobility and reasons are those of the code', () => {
  expect(namesIn(moving, 'mobility')).toEqual(wordsOf('impl/host/paths/mobility.ts', 'Mobility'))
  expect(namesIn(moving, 'reason')).toEqual(wordsOf('impl/sockets/channels.ts', 'PathReason'))
})

test('channels are those of the code, with what they tell', () => {
  const known = [...read('impl/sockets/channels.ts').matchAll(/\bchannel\('([^']+)'\)/g)]
  expect(namesIn(sockets, 'channel')).toEqual(known.map(([, name]) => name))
  const told = tableOf(sockets, 'channel').map(([, message]) =>
    [
      ...must(message)
        .replace(/\(.*?\)/g, '')
        .matchAll(/`(\w+)`/g),
    ].map(([, field]) => field),
  )
  expect(told).toEqual(
    ['FlowOpened', 'FlowClosed', 'FlowPath', 'PacketsDropped'].map(name =>
      fieldsOf('impl/sockets/channels.ts', name),
    ),
  )
})

test('limits are those of the code', () => {
  const table = tableOf(sockets, 'limit').map(([name, value]) => [
    must(name).replaceAll('`', ''),
    Number(value),
  ])
  expect(Object.fromEntries(table)).toEqual(defaultLimits)
  const said = [
    `Handshakes in progress: ${DEFAULT_BACKLOG} to each server`,
    `wait to be accepted: ${DEFAULT_QUEUE}`,
    `for messages: ${PEERS_LIMIT},`,
    `grows to ${MOST_WINDOW / 2 ** 20} MiB`,
    `${DEFAULT_MTU - HEADER_BYTES - DATAGRAM_BYTES} bytes through a flow`,
    `${DEFAULT_MTU - UNCONNECTED_BYTES} on its own`,
    `(for ${CLOSE_LIMIT_MS / 1000} s by default)`,
    `| \`deadAfterMs\` | ${DEAD_AFTER_MS} |`,
  ]
  expect(said.filter(words => !prose.includes(words))).toEqual([])
})
