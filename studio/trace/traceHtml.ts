import { escapeMarkup, scriptJson } from '../markup.ts'
import { page } from '../page.ts'
import { firstRegisters } from './registers.ts'
import { HEAD_PX, ROW_PX, sequence } from './sequence.ts'
import type { Step, Story } from './story.ts'
import { traceScript } from './traceScript.ts'
import { isRepeated, isViolation, packetText, verdictText } from './words.ts'

const STYLE = `body { height: 100vh; display: grid; grid-template-rows: auto auto 1fr }
#verdict { padding: 10px 20px; font-weight: 600 }
#verdict.violated { background: var(--bad-paper); color: var(--bad); border-left: 6px solid var(--bad) }
#verdict.holds { background: var(--good-paper); color: var(--good); border-left: 6px solid var(--good) }
main { display: grid; grid-template-columns: minmax(0, 1fr) 420px; min-height: 0 }
#run { overflow: auto; display: flex; align-items: flex-start }
ol { list-style: none; margin: 0; padding: ${HEAD_PX}px 0 0; flex: 1 0 300px }
ol:focus-visible { outline: 2px solid var(--accent); outline-offset: -2px }
li { height: ${ROW_PX}px; padding: 4px 12px 4px 20px; border-top: 1px solid var(--line); cursor: pointer; overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
li b { display: inline-block; min-width: 2.2em; color: var(--quiet); font-weight: normal }
li small { display: block; padding-left: 2.6em; color: var(--quiet); font-size: 12px; overflow: hidden; text-overflow: ellipsis }
li[aria-selected=true], .chosen .ground { background: var(--chosen); fill: var(--chosen) }
li.bad { box-shadow: inset 4px 0 var(--bad) }
li.again { box-shadow: inset 4px 0 var(--accent) }
.cycle { stroke: var(--accent); stroke-width: 4 }
li.bad .rule { color: var(--bad); font-weight: 600 }
svg.sequence { flex: none; font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace }
.sequence text { fill: var(--ink); font-size: 11.5px }
.sequence .host { font-size: 13px; font-weight: bold }
.ground { fill: transparent; cursor: pointer }
.chosen .ground { fill-opacity: 0.6 }
.lane { stroke: var(--line); stroke-width: 1.5 }
.arrow { fill: none; stroke: var(--accent); stroke-width: 1.6; pointer-events: none }
.tip, .dot { fill: var(--accent) }
.lost .arrow { stroke-dasharray: 5 4 }
.cross { stroke: var(--bad); stroke-width: 2; fill: none }
.bad .dot { fill: var(--bad) }
aside { border-left: 1px solid var(--line); background: var(--panel); overflow: auto; padding: 14px 20px }
aside h2 { font-size: 15px; margin: 0 0 8px }
aside h3 { font-size: 12px; margin: 16px 0 4px; color: var(--quiet); text-transform: uppercase; letter-spacing: 0.5px }
aside ul { margin: 0; padding-left: 18px }
tr.changed td { background: var(--changed) }
td:first-child { padding-left: 6px }
.before { color: var(--quiet); text-decoration: line-through }
@media (max-width: 900px) { main { grid-template-columns: 1fr } aside { border-left: 0; border-top: 1px solid var(--line) } }`

/**
 * The trace as one page that needs nothing else: the steps, the sequence of packets beside them, and all registers at
 * the chosen step. The steps and the verdict can be read without its script.
 */
export function traceHtml(story: Story): string {
  const { verdict, title, steps } = story
  const data = { first: firstRegisters(story), steps }
  return page({
    title,
    style: STYLE,
    body: `<header><h1>${escapeMarkup(title)}</h1><p>${steps.length} steps. Arrow keys step, Home and End jump.</p></header>
<div id="verdict" class="${verdict.outcome}" role="status">${escapeMarkup(verdictText(story))}</div>
<main>
<div id="run"><ol id="steps" role="listbox" tabindex="0" aria-label="Steps">${steps.map((step, row) => listItem(story, step, row)).join('')}</ol>${sequence(story)}</div>
<aside id="state" aria-live="polite"></aside>
</main>`,
    script: `const trace = ${scriptJson(data)}\n${traceScript}`,
  })
}

function listItem(story: Story, step: Step, row: number): string {
  const marks = [isViolation(story, step.index) ? 'bad' : '', isRepeated(story, step.index) ? 'again' : '']
  const marked = marks.filter(mark => mark !== '').join(' ')
  const { index, rule, host, event, packet } = step
  const second = [host, event, packet ? packetText(packet) : ''].filter(part => part !== '').join(' · ')
  return `<li id="step-${row}" role="option" aria-selected="false"${marked === '' ? '' : ` class="${marked}"`} data-row="${row}"><b>${escapeMarkup(String(index))}</b><span class="rule mono">${escapeMarkup(rule)}</span><small>${escapeMarkup(second)}</small></li>`
}
