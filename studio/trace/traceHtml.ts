import { escapeMarkup, scriptJson } from '../markup.ts'
import { page } from '../page.ts'
import { HEAD_PX, ROW_PX, sequence } from './sequence.ts'
import type { Story, StoryStep } from './story.ts'
import { firstRegisters } from './story.ts'
import { isRepeated, isViolation, packetText, verdictText } from './words.ts'

/**
 * Prints a trace as one self-contained page: the steps, the sequence of packets beside them, and all registers at the
 * chosen step. A reader sees the steps and the verdict without the page's script, too.
 */
export function traceHtml(story: Story): string {
  const { verdict, title, steps } = story
  const data: Pick<Story, 'initial' | 'steps'> = { initial: firstRegisters(story), steps }
  return page({
    title,
    kind: 'trace',
    body: `<header><h1>${escapeMarkup(title)}</h1><p>${steps.length} steps. Step with the arrow keys; Home and End jump.</p></header>
<div id="verdict" class="${verdict.outcome}" role="status">${escapeMarkup(verdictText(story))}</div>
<main style="--head: ${HEAD_PX}px; --row: ${ROW_PX}px">
<div id="run"><ol id="steps" role="listbox" tabindex="0" aria-label="Steps">${steps.map((step, row) => listItem(story, step, row)).join('')}</ol>${sequence(story)}</div>
<aside id="state" aria-live="polite"></aside>
</main>
<script id="trace" type="application/json">${scriptJson(data)}</script>`,
  })
}

function listItem(story: Story, step: StoryStep, row: number): string {
  const marks = [isViolation(story, step.index) ? 'bad' : '', isRepeated(story, step.index) ? 'again' : '']
  const marked = marks.filter(mark => mark !== '').join(' ')
  const { index, rule, host, event, packet } = step
  const second = [host, event, packet ? packetText(packet) : ''].filter(part => part !== '').join(' · ')
  return `<li id="step-${row}" role="option" aria-selected="false"${marked === '' ? '' : ` class="${marked}"`} data-row="${row}"><b>${escapeMarkup(String(index))}</b><span class="rule mono">${escapeMarkup(rule)}</span><small>${escapeMarkup(second)}</small></li>`
}
