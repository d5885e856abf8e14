import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { SLOW } from '../checker/testing/limits.ts'
import { optionalProgram } from '../checker/testing/programs.ts'
import { at, must } from '../checker/text/at.ts'
import { html } from './chart/html.ts'
import { readChart } from './chart/readChart.ts'
import { sampleMachine } from './chart/sampleMachine.ts'
import { sampleStory } from './trace/sampleStory.ts'
import { traceHtml } from './trace/traceHtml.ts'

/** The pages in a real browser, where there is one. */
const chromium = optionalProgram(
  ['chromium', 'chromium-browser', 'google-chrome'],
  '--version',
  'the pages are not opened in a browser',
)

const folder = mkdtempSync(join(tmpdir(), 'serval-pages-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** The document after its script and then `actions` have run. */
function open(page: string, actions: string): string {
  const file = join(folder, 'page.html')
  writeFileSync(file, page.replace('</body>', `<script>${actions}</script></body>`))
  const flags = [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    `--user-data-dir=${folder}/profile`,
    '--dump-dom',
  ]
  const { status, stdout } = spawnSync(must(chromium), [...flags, `file://${file}`], { encoding: 'utf8' })
  expect(status).toBe(0)
  return stdout
}

function pressing(key: string): string {
  return `window.dispatchEvent(new KeyboardEvent('keydown', { key: '${key}' }));`
}

function registers(document: string): string[] {
  const panel = at(must(/<aside[^>]*>(.*?)<\/aside>/s.exec(document)), 1)
  return [...panel.matchAll(/<tr([^>]*)><td>(.*?)<\/td><td>(.*?)<\/td>/g)].map(
    ([, attributes, name, value]) =>
      `${must(attributes).includes('changed') ? '*' : ''}${name} ${must(value).replace(/<[^>]*>/g, '')}`,
  )
}

describe.skipIf(!chromium)('in a browser', () => {
  test('the trace starts at the violation', SLOW, () => {
    const document = open(traceHtml(sampleStory), '')
    expect(document).toMatch(/<h2>4\. inject\(ACK\)<\/h2>/)
    expect(registers(document)).toContain('*server.peer address 1 address 2')
  })

  test('arrow keys step through the trace and registers follow', SLOW, () => {
    const document = open(traceHtml(sampleStory), pressing('Home') + pressing('ArrowDown'))
    expect(document).toMatch(/<h2>2\. deliver\(0\)<\/h2>/)
    expect(registers(document)).toEqual(
      expect.arrayContaining([
        'client.sndNxt 3',
        '*server.migration INITIAL RSYN_RECV',
        'server.peer address 1',
        '*server.rcvNxt 2 3',
      ]),
    )
    expect(document.match(/aria-selected="true"/g)).toHaveLength(1)
  })

  test('the chart highlights the transitions from and to a state', SLOW, async () => {
    const page = await html(readChart(sampleMachine))
    const document = open(page, `document.querySelectorAll('.state')[8].focus()`)
    const lit = [...document.matchAll(/<g class="state[^"]* on" data-states="\[&quot;(\w+)&quot;\]"/g)].map(
      ([, name]) => name,
    )
    expect(lit).toEqual(['CONNECTED', 'CLOSEWAIT', 'LASTACK', 'CLOSED'])
    expect(document).toMatch(/<g class="region-panel lit"/)
  })

  test('the chart zooms and resets', SLOW, async () => {
    const page = await html(readChart(sampleMachine))
    const box = (document: string) => /viewBox="([^"]*)" role="group"/.exec(document)?.[1]
    const whole = must(/<svg [^>]*viewBox="([^"]*)"/.exec(page))[1]
    expect(box(open(page, pressing('+')))).not.toBe(whole)
    expect(box(open(page, pressing('+') + pressing('0')))).toBe(whole)
  })

  test('the chart zooms around the pointer and follows it', SLOW, async () => {
    const page = await html(readChart(sampleMachine))
    const actions = `const drawing = document.querySelector('#stage svg')
      const views = []
      const act = event => {
        drawing.dispatchEvent(event)
        const { x, y, width } = drawing.viewBox.baseVal
        views.push({ x, y, width })
      }
      const pointer = (type, at) => act(new PointerEvent(type, { bubbles: true, clientX: at, clientY: at }))
      act(new Event('look'))
      act(new WheelEvent('wheel', { bubbles: true, cancelable: true, deltaY: -200 }))
      pointer('pointermove', 100)
      pointer('pointerdown', 100)
      pointer('pointermove', 150)
      pointer('pointerup', 150)
      pointer('pointermove', 300)
      document.title = JSON.stringify(views)`
    const views = JSON.parse(at(must(/<title>(.*?)<\/title>/.exec(open(page, actions))), 1))
    const [whole, zoomed, hovered, held, dragged, released, left] = views
    expect(zoomed.x).toBe(whole.x)
    expect(zoomed.width).toBeCloseTo(whole.width * Math.exp(-0.3))
    expect([hovered, held]).toEqual([zoomed, zoomed])
    expect(dragged.x).toBeLessThan(zoomed.x)
    expect(dragged.y - zoomed.y).toBeCloseTo(dragged.x - zoomed.x)
    expect([released, left]).toEqual([dragged, dragged])
  })
})
