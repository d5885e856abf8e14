/**
 * What the trace's page does in the browser, after `trace` has been defined. Text, because no tool may rewrite it on
 * its way there. All that comes from the trace is set as text, never as markup.
 */
export const traceScript = `'use strict'
const list = document.getElementById('steps')
const panel = document.getElementById('state')
let chosen = -1

function element(tag, text = '', className = '') {
  const made = document.createElement(tag)
  made.textContent = text
  if (className) made.className = className
  return made
}

function section(title, content) {
  panel.append(element('h3', title), content)
}

function bullets(texts) {
  const made = element('ul')
  made.append(...texts.map(text => element('li', text, 'mono')))
  for (const item of made.children) item.style.cssText = 'height:auto;padding:0;border:0;cursor:auto;white-space:normal'
  return made
}

function table(rows) {
  const made = element('table')
  for (const { name, value, before } of rows) {
    const row = element('tr', '', before === undefined ? '' : 'changed')
    const cell = element('td', String(value))
    if (before !== undefined) cell.prepend(element('span', String(before), 'before'), ' ')
    row.append(element('td', name), cell)
    made.append(row)
  }
  return made
}

function registersAt(row) {
  const values = new Map(trace.first.map(({ name, value }) => [name, value]))
  for (const step of trace.steps.slice(0, row + 1)) for (const { name, after } of step.changes) values.set(name, after)
  const befores = new Map(trace.steps[row].changes.map(({ name, before }) => [name, before]))
  return [...values].map(([name, value]) => ({ name, value, before: befores.get(name) }))
}

function choose(row) {
  if (trace.steps.length === 0) return
  chosen = Math.max(0, Math.min(trace.steps.length - 1, row))
  for (const item of list.children) item.setAttribute('aria-selected', String(Number(item.dataset.row) === chosen))
  for (const item of document.querySelectorAll('g.row')) item.classList.toggle('chosen', Number(item.dataset.row) === chosen)
  const item = list.children[chosen]
  list.setAttribute('aria-activedescendant', item.id)
  item.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  const step = trace.steps[chosen]
  panel.replaceChildren(element('h2', step.index + '. ' + step.rule))
  if (step.note) panel.append(element('p', step.note))
  section('Registers', table(registersAt(chosen)))
  if (step.packet) {
    const { kind, from, to, fields, lost } = step.packet
    const rows = Object.entries({ kind, from, to, ...fields }).map(([name, value]) => ({ name, value }))
    section(lost ? 'Packet (lost)' : 'Packet', table(rows))
  }
  if (step.fired.length > 0) section('Transitions taken', bullets(step.fired))
}

document.getElementById('run').addEventListener('click', event => {
  const row = event.target.closest('[data-row]')
  if (row) choose(Number(row.dataset.row))
})
window.addEventListener('keydown', event => {
  const to = { ArrowDown: chosen + 1, ArrowRight: chosen + 1, ArrowUp: chosen - 1, ArrowLeft: chosen - 1, Home: 0, End: trace.steps.length - 1 }[event.key]
  if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  choose(to)
})
const broken = list.querySelector('.bad')
choose(broken ? Number(broken.dataset.row) : 0)`
