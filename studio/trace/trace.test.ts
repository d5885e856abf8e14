import { stripVTControlCharacters } from 'node:util'
import { describe, expect, test } from 'vitest'
import { must } from '../../checker/text/at.ts'
import { sampleStory } from './sampleStory.ts'
import type { Story } from './story.ts'
import { firstRegisters } from './story.ts'
import { traceHtml } from './traceHtml.ts'
import { traceMermaid } from './traceMermaid.ts'
import { traceText } from './traceText.ts'

const EVIL = `</script><img src=x onerror="alert(1)">'&;#\u001b[31m\n%% -->> \`x\``

/** The sample with every text that a file could hold replaced by a hostile one. */
const hostile: Story = {
  title: EVIL,
  hosts: [EVIL],
  initial: [{ name: EVIL, value: EVIL }],
  steps: sampleStory.steps.map(({ index }) => ({
    index,
    rule: EVIL,
    host: EVIL,
    event: EVIL,
    packet: { kind: EVIL, from: EVIL, to: `to ${EVIL}`, fields: { [EVIL]: EVIL } },
    changes: [{ name: EVIL, before: EVIL, after: EVIL }],
    fired: [EVIL],
    note: EVIL,
  })),
  verdict: { outcome: 'violated', property: EVIL, sentence: EVIL, step: 4 },
}

const empty: Story = { title: 'nothing', hosts: [], initial: [], steps: [], verdict: { outcome: 'holds' } }

test.each([
  ['text', traceText],
  ['mermaid', traceMermaid],
  ['html', traceHtml],
])('%s: the same bytes for the same trace, and a picture of a trace without steps', (_name, print) => {
  expect(print(structuredClone(sampleStory))).toBe(print(sampleStory))
  expect(print(empty)).toContain('nothing')
})

test('registers without an initial value appear from their first change', () => {
  const registers = firstRegisters(sampleStory)
  expect(registers.find(({ name }) => name === 'client.sndNxt')).toEqual({ name: 'client.sndNxt', value: 2 })
  expect(registers.find(({ name }) => name === 'server.timer')).toEqual({
    name: 'server.timer',
    value: 'off',
  })
  expect(new Set(registers.map(({ name }) => name)).size).toBe(registers.length)
})

describe('text', () => {
  test('is a table of steps with the changed registers, then the verdict', () => {
    const lines = traceText(sampleStory, { width: 200 }).split('\n')
    expect(lines[2]).toMatch(/^# +HOST +RULE +EVENT +PACKET +CHANGES$/)
    expect(lines[3]).toMatch(
      /^1 +client +migrate\(client, 2\) +MIGRATE +client→server RSYN\(verno 2, ackno 5\) +client\.migration INITIAL→RSYN_SENT, client\.sndNxt 2→3$/,
    )
    expect(lines[4]).toBe('    takes migration.INITIAL MIGRATE 0')
    expect(lines.at(-2)).toBe(
      'violated: 17 exact-completion, at step 4. A completion acknowledges that version, not any ACK.',
    )
  })

  test.each([70, 80, 100, 120])('fits %i columns, with colours or without', width => {
    const bare = traceText(sampleStory, { width })
    const coloured = traceText(sampleStory, { width, colour: true })
    expect(bare.split('\n').filter(line => line.length > width)).toEqual([])
    expect(coloured).toContain('\u001b[')
    expect(stripVTControlCharacters(coloured)).toBe(bare)
  })

  test('paints only the step that violates the invariant red', () => {
    const lines = traceText(sampleStory, { width: 200, colour: true }).split('\n')
    const red = lines.filter(line => line.includes('\u001b[31m')).map(stripVTControlCharacters)
    expect(red).toEqual([
      expect.stringMatching(/^4 +server +inject/),
      expect.stringMatching(/^violated: 17 exact-completion, at step 4/),
    ])
  })

  test('removes control characters of the trace', () => {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are the ones that must not be there
    expect(traceText(hostile)).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/)
    expect(traceText(hostile)).toContain('\\u001b[31m')
  })

  test('says that a trace holds', () => {
    expect(traceText(empty)).toContain('holds: no step violates a property')
  })
})

describe('mermaid', () => {
  test('draws packets as arrows and lost ones as crosses', () => {
    const lines = traceMermaid(sampleStory).split('\n')
    expect(lines).toContain('  participant host2 as attacker')
    expect(lines).toContain('  host0->>host1: 1. RSYN(verno 2, ackno 5)')
    expect(lines).toContain('  host1-xhost0: 2. RSYNACK(verno 5, ackno 3) lost')
    expect(lines).toContain('  Note over host0,host2: 3. lose(0)')
  })

  test('every line is a statement, whatever the trace contains', () => {
    const safe = '(?:[^:;#"<>%{}]|#\\d+;|<br/>)*'
    const statement = new RegExp(
      `^  (participant host\\d+ as ${safe}|host\\d+(->>|-x)host\\d+: ${safe}|Note over host\\d+(,host\\d+)?: ${safe})$`,
    )
    for (const story of [sampleStory, hostile]) {
      const [open, title, close, kind, ...lines] = traceMermaid(story).trimEnd().split('\n')
      expect([open, close, kind]).toEqual(['---', '---', 'sequenceDiagram'])
      expect(JSON.parse(must(title).slice('title: '.length))).toBe(story.title)
      expect(lines.length).toBeGreaterThan(story.steps.length)
      expect(lines.filter(line => !statement.test(line))).toEqual([])
    }
  })
})

describe('html', () => {
  test('shows the violated invariant and marks its step', () => {
    const page = traceHtml(sampleStory)
    expect(page).toMatch(
      /<div id="verdict" class="violated"[^>]*>violated: 17 exact-completion, at step 4\. A completion/,
    )
    expect(page.match(/<li [^>]*class="bad"[^>]*>/g)).toEqual([expect.stringContaining('id="step-3"')])
    expect(page.match(/<g class="row/g)).toHaveLength(sampleStory.steps.length)
    expect(page.match(/<g class="packet lost"/g)).toHaveLength(1)
    expect(page.match(/marker-end="url\(#tip\)"/g)).toHaveLength(2)
    expect(page.match(/class="cross"/g)).toHaveLength(1)
  })

  test('escapes everything that comes from the trace', () => {
    const page = traceHtml(hostile)
    expect(page).not.toMatch(/<img/)
    // The trace as JSON, and the page's own script.
    expect(page.match(/<script[^>]*>/g)).toEqual(['<script id="trace" type="application/json">', '<script>'])
    expect(page.match(/<\/script>/g)).toHaveLength(2)
  })

  test('loads nothing, and its policy forbids loading', () => {
    const page = traceHtml(sampleStory)
    expect(page.replace('http://www.w3.org/2000/svg', '')).not.toMatch(/https?:|\ssrc=|href/)
    expect(page).toContain(`content="default-src 'none'`)
  })
})
