/** The script of the chart's page, as text, so that no tool rewrites it. */
export const chartScript = `'use strict'
const stage = document.getElementById('stage')
const svg = stage.querySelector('svg')
const whole = svg.viewBox.baseVal
const all = { x: whole.x, y: whole.y, width: whole.width, height: whole.height }
let view = { ...all }
svg.removeAttribute('width')
svg.removeAttribute('height')
svg.setAttribute('role', 'group')

function show(next) {
  view = next
  svg.setAttribute('viewBox', [view.x, view.y, view.width, view.height].join(' '))
}

function scale() {
  const box = svg.getBoundingClientRect()
  return Math.max(view.width / box.width, view.height / box.height)
}

function zoom(factor, fx, fy) {
  const width = Math.min(Math.max(view.width * factor, all.width / 20), all.width * 3)
  const by = width / view.width
  show({ x: view.x + view.width * fx * (1 - by), y: view.y + view.height * fy * (1 - by), width, height: view.height * by })
}

stage.addEventListener('wheel', event => {
  event.preventDefault()
  const box = svg.getBoundingClientRect()
  zoom(Math.exp(event.deltaY * 0.0015), (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height)
}, { passive: false })

let grip = null
stage.addEventListener('pointerdown', event => { grip = { x: event.clientX, y: event.clientY, view } })
window.addEventListener('pointerup', () => { grip = null })
window.addEventListener('pointermove', event => {
  if (!grip) return
  const by = scale()
  show({ ...view, x: grip.view.x - (event.clientX - grip.x) * by, y: grip.view.y - (event.clientY - grip.y) * by })
})
window.addEventListener('keydown', event => {
  if (event.key === '+' || event.key === '=') zoom(0.8, 0.5, 0.5)
  if (event.key === '-') zoom(1.25, 0.5, 0.5)
  if (event.key === '0') show({ ...all })
})

for (const panel of svg.querySelectorAll('.region-panel')) {
  const states = [...panel.querySelectorAll('.state')]
  const links = [...panel.querySelectorAll('.link, .line')]
  const named = (element, key) => JSON.parse(element.dataset[key])
  const light = names => {
    const near = new Set(names)
    const on = new Set(links.filter(link => [...named(link, 'from'), ...named(link, 'to')].some(name => names.includes(name))))
    for (const link of on) for (const name of [...(named(link, 'from').length === 1 ? named(link, 'from') : []), ...named(link, 'to')]) near.add(name)
    for (const link of links) link.classList.toggle('on', on.has(link))
    for (const state of states) {
      const own = named(state, 'states')
      state.classList.toggle('on', own.length === 1 ? near.has(own[0]) : own.some(name => names.includes(name)))
    }
    panel.classList.add('lit')
  }
  for (const state of states) {
    const names = named(state, 'states')
    state.setAttribute('tabindex', '0')
    state.setAttribute('role', 'img')
    state.setAttribute('aria-label', state.querySelector('title').textContent)
    for (const kind of ['pointerenter', 'focus']) state.addEventListener(kind, () => light(names))
    for (const kind of ['pointerleave', 'blur']) state.addEventListener(kind, () => panel.classList.remove('lit'))
  }
}`
