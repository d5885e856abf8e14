/** The script of a chart's page: pan and zoom, and light a state's transitions. */

/** @typedef {{ x: number, y: number, width: number, height: number }} Box */

for (const svg of document.querySelectorAll('svg')) panAndZoom(svg)
for (const panel of document.querySelectorAll('.region-panel')) lightStates(panel)

/** @param {SVGSVGElement} svg */
function panAndZoom(svg) {
  const { x, y, width, height } = svg.viewBox.baseVal
  const all = { x, y, width, height }
  let view = all
  /** @type {{ x: number, y: number, view: Box } | undefined} */
  let grip
  svg.removeAttribute('width')
  svg.removeAttribute('height')
  svg.setAttribute('role', 'group')

  /** @param {Box} next */
  const show = next => {
    view = next
    svg.setAttribute('viewBox', [view.x, view.y, view.width, view.height].join(' '))
  }

  svg.addEventListener(
    'wheel',
    event => {
      event.preventDefault()
      const box = svg.getBoundingClientRect()
      const [right, down] = [event.clientX - box.left, event.clientY - box.top]
      show(zoomed(all, view, Math.exp(event.deltaY * 0.0015), right / box.width, down / box.height))
    },
    { passive: false },
  )
  svg.addEventListener('pointerdown', event => {
    grip = { x: event.clientX, y: event.clientY, view }
  })
  window.addEventListener('pointerup', () => {
    grip = undefined
  })
  window.addEventListener('pointermove', event => {
    if (!grip) return
    const box = svg.getBoundingClientRect()
    const scale = Math.max(view.width / box.width, view.height / box.height)
    const [right, down] = [event.clientX - grip.x, event.clientY - grip.y]
    show({ ...view, x: grip.view.x - right * scale, y: grip.view.y - down * scale })
  })
  window.addEventListener('keydown', event => {
    if (event.key === '+' || event.key === '=') show(zoomed(all, view, 0.8))
    if (event.key === '-') show(zoomed(all, view, 1.25))
    if (event.key === '0') show(all)
  })
}

/**
 * Returns `view` scaled by `factor` around the point at the fractions `right` and `down` of it. The result is at most
 * 3 times as wide as `all`, and at least a twentieth.
 * @param {Box} all
 * @param {Box} view
 * @param {number} factor
 * @returns {Box}
 */
function zoomed(all, view, factor, right = 0.5, down = 0.5) {
  const width = Math.min(Math.max(view.width * factor, all.width / 20), all.width * 3)
  const height = view.height * (width / view.width)
  return {
    x: view.x + (view.width - width) * right,
    y: view.y + (view.height - height) * down,
    width,
    height,
  }
}

/**
 * Lights a state that the pointer or the focus is on, with its transitions and their other ends.
 * @param {Element} panel the drawing of a region
 */
function lightStates(panel) {
  /** @type {NodeListOf<SVGElement>} */
  const states = panel.querySelectorAll('.state')
  for (const state of states) {
    state.setAttribute('tabindex', '0')
    state.setAttribute('role', 'img')
    state.setAttribute('aria-label', state.querySelector('title')?.textContent ?? '')
    for (const kind of ['pointerenter', 'focus'])
      state.addEventListener(kind, () => light(panel, states, names(state, 'states')))
    for (const kind of ['pointerleave', 'blur'])
      state.addEventListener(kind, () => panel.classList.remove('lit'))
  }
}

/**
 * @param {Element} panel
 * @param {Iterable<SVGElement>} states
 * @param {readonly string[]} chosen names of states
 */
function light(panel, states, chosen) {
  const near = new Set(chosen)
  /** @type {NodeListOf<SVGElement>} */
  const links = panel.querySelectorAll('.link, .line')
  for (const link of links) {
    const [from, to] = [names(link, 'from'), names(link, 'to')]
    const isOn = [...from, ...to].some(name => chosen.includes(name))
    link.classList.toggle('on', isOn)
    if (!isOn) continue
    // A transition that several states share leads from each of them: it lights none of them.
    for (const name of from.length === 1 ? [...from, ...to] : to) near.add(name)
  }
  for (const state of states) {
    const own = names(state, 'states')
    const isNear = own.length === 1 ? near.has(own[0] ?? '') : own.some(name => chosen.includes(name))
    state.classList.toggle('on', isNear)
  }
  panel.classList.add('lit')
}

/**
 * Returns the names of states in an attribute of a part of the drawing.
 * @param {SVGElement} part
 * @param {'states' | 'from' | 'to'} key
 * @returns {readonly string[]}
 */
function names(part, key) {
  return JSON.parse(part.dataset[key] ?? '[]')
}
