/**
 * The script of a trace's page: shows the chosen step, and chooses another. The page holds the trace as JSON. Its texts
 * are not trusted, so they are set as text, never as markup.
 */

/** @import { StoryStep, Story, Value } from '../trace/story.ts' */
/** @typedef {{ name: string, value: Value, before?: Value | undefined }} Row */

const list = find('steps')
const panel = find('state')
/** @type {Pick<Story, 'initial' | 'steps'>} */
const trace = JSON.parse(find('trace').textContent)
let chosen = -1

find('run').addEventListener('click', event => {
  const row = event.target instanceof Element ? event.target.closest('[data-row]') : null
  if (row) choose(rowOf(row))
})
window.addEventListener('keydown', event => {
  const row = rowAfter(event.key)
  if (row === undefined || event.altKey || event.ctrlKey || event.metaKey) return
  event.preventDefault()
  choose(row)
})
const violating = list.querySelector('.bad')
choose(violating ? rowOf(violating) : 0)

/** @param {string} key */
function rowAfter(key) {
  if (key === 'ArrowDown' || key === 'ArrowRight') return chosen + 1
  if (key === 'ArrowUp' || key === 'ArrowLeft') return chosen - 1
  if (key === 'Home') return 0
  if (key === 'End') return trace.steps.length - 1
  return undefined
}

/**
 * Chooses the step of `row`, or the nearest one.
 * @param {number} row
 */
function choose(row) {
  chosen = Math.max(0, Math.min(trace.steps.length - 1, row))
  const step = trace.steps[chosen]
  const item = list.children[chosen]
  if (!step || !item) return
  for (const each of list.children) each.setAttribute('aria-selected', String(each === item))
  for (const each of document.querySelectorAll('g.row'))
    each.classList.toggle('chosen', rowOf(each) === chosen)
  list.setAttribute('aria-activedescendant', item.id)
  item.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  show(step)
}

/** @param {StoryStep} step */
function show(step) {
  panel.replaceChildren(element('h2', `${step.index}. ${step.rule}`))
  if (step.note) panel.append(element('p', step.note))
  section('Registers', table(registers()))
  if (step.packet) {
    const { kind, from, to, fields, lost } = step.packet
    const rows = Object.entries({ kind, from, to, ...fields }).map(([name, value]) => ({ name, value }))
    section(lost ? 'Packet (lost)' : 'Packet', table(rows))
  }
  if (step.fired.length > 0) section('Transitions taken', bullets(step.fired))
}

/**
 * Returns the registers after the chosen step, with the values before it of those that it changes.
 * @returns {Row[]}
 */
function registers() {
  const values = new Map(trace.initial.map(({ name, value }) => [name, value]))
  for (const { changes } of trace.steps.slice(0, chosen + 1))
    for (const { name, after } of changes) values.set(name, after)
  const befores = new Map(trace.steps[chosen]?.changes.map(({ name, before }) => [name, before]))
  return [...values].map(([name, value]) => ({ name, value, before: befores.get(name) }))
}

/**
 * @param {string} title
 * @param {HTMLElement} content
 */
function section(title, content) {
  panel.append(element('h3', title), content)
}

/** @param {readonly string[]} texts */
function bullets(texts) {
  const made = element('ul')
  made.append(...texts.map(text => element('li', text, 'mono')))
  return made
}

/** @param {readonly Row[]} rows */
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

/** @param {string} tag */
function element(tag, text = '', className = '') {
  const made = document.createElement(tag)
  made.textContent = text
  if (className) made.className = className
  return made
}

/**
 * Returns the row of a step's item in the list, or of its part of the drawing.
 * @param {Element} part
 */
function rowOf(part) {
  return Number(part.getAttribute('data-row'))
}

/**
 * Returns an element of the page.
 * @param {string} id
 */
function find(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no element '${id}'`)
  return found
}
